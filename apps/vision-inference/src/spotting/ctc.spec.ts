import { describe, expect, it } from 'vitest';
import { decodeCtc, parseDictionary } from './ctc.js';

const dictionary = ['发', '票', ' '];
const decode = (classes: number[], probabilities: number[]) =>
  decodeCtc(Float32Array.from(classes), Float32Array.from(probabilities), dictionary);

describe('parseDictionary', () => {
  it('puts the space after the last line, whatever the line ends are', () => {
    expect(parseDictionary(new TextEncoder().encode('发\r\n票\n'))).toEqual(['发', '票', ' ']);
  });
});

describe('decodeCtc', () => {
  it('merges repeats and lets a blank part two of the same', () => {
    const { text, confidence } = decode([1, 1, 0, 1, 2, 3, 2], [0.9, 0.1, 1, 0.7, 0.8, 1, 0.6]);

    expect(text).toBe('发发票 票');
    expect(confidence).toBeCloseTo(0.8, 6); // of the first step of each character
  });

  it('reads nothing from blanks, with no confidence', () => {
    expect(decode([0, 0], [1, 1])).toEqual({ text: '', confidence: 0 });
  });

  it('refuses a class that the dictionary does not have', () => {
    expect(() => decode([4], [1])).toThrow('no character 4');
  });
});
