import { describe, expect, it } from 'vitest';
import { canonicalMediaType, sniffMediaType } from './sniff.js';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe('sniffMediaType', () => {
  it.each([
    ['%PDF-1.7\n', 'application/pdf'],
    ['GIF89a\u0001\u0000\u0001\u0000', 'image/gif'],
    ['<svg xmlns="http://www.w3.org/2000/svg"/>', 'image/svg+xml'],
    ['\uFEFF \n<?xml version="1.0"?><!-- note --><!DOCTYPE svg><svg >', 'image/svg+xml'],
  ])('knows %j', async (content, expected) => {
    expect(await sniffMediaType(text(content))).toBe(expected);
  });

  it('does not take text that mentions an element for SVG', async () => {
    expect(await sniffMediaType(text('an <svg> element'))).toBeUndefined();
  });

  it('knows nothing of nothing', async () => {
    expect(await sniffMediaType(new Uint8Array())).toBeUndefined();
  });
});

describe('canonicalMediaType', () => {
  it.each([
    ['Audio/X-WAV; rate=8000', 'audio/wav'],
    ['image/jpg', 'image/jpeg'],
    ['constructor', 'constructor'],
  ])('spells %s as %s', (given, expected) => {
    expect(canonicalMediaType(given)).toBe(expected);
  });
});
