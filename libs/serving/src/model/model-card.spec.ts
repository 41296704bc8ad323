import { describe, expect, it } from 'vitest';
import { parseModelCard } from './model-card.js';

const CARD = `
id: some-model
task: read-text
licence: MIT
source: { package: some-models, version: 1.0.0, homepage: 'https://example.org', entry: some-models/node }
files:
  detection: { path: assets/a.onnx, bytes: 12, sha256: ${'a'.repeat(64)} }
`;

describe('parseModelCard', () => {
  it('reads what a model is and where its files are', () => {
    expect(parseModelCard(CARD)).toMatchObject({ id: 'some-model', files: { detection: { bytes: 12 } } });
  });

  it('refuses a file without a checksum', () => {
    expect(() => parseModelCard(CARD.replace(/sha256: a+/u, 'sha256: unknown'))).toThrow('sha256');
  });
});
