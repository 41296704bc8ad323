import type { TokenLogprob } from '@trivium/contracts/generate';
import { expect, it } from 'vitest';
import { DeltaLogprobs } from './delta-logprobs.js';
import { SentenceMarker } from './sentence-marker.js';

const scored = (token: string): TokenLogprob => ({
  token,
  logprob: -0.5,
  bytes: [...Buffer.from(token)],
  top: [],
});

it('puts every token beside the delta that ends its text, once and in order', () => {
  const marker = new SentenceMarker();
  const logprobs = new DeltaLogprobs();
  const deltas = ['Hi', '.', ' You', ' there', '！'].flatMap((text) => {
    logprobs.said({ text, logprobs: [scored(text)] });
    return logprobs.beside(marker.push(text));
  });
  const all = [...deltas, ...logprobs.beside(marker.flush()), ...logprobs.flush()];

  expect(all.map(({ text, logprobs: tokens }) => [text, tokens?.map(({ token }) => token)])).toEqual([
    ['Hi', ['Hi']],
    ['.', ['.']],
    [' You', [' You']],
    [' there', [' there']],
    ['！', ['！']],
  ]);
});

it('keeps a token whose text is cut with the later half', () => {
  const marker = new SentenceMarker();
  const logprobs = new DeltaLogprobs();
  logprobs.said({ text: '一。二', logprobs: [scored('一。二')] });

  expect(logprobs.beside(marker.push('一。二'))).toEqual([
    { type: 'text-delta', text: '一。', sentenceEnd: true },
    { type: 'text-delta', text: '二', logprobs: [scored('一。二')] },
  ]);
});

it('loses no token that has no text of its own', () => {
  const logprobs = new DeltaLogprobs();
  logprobs.said({ text: '', logprobs: [scored('<end>')] });

  expect(logprobs.flush()).toEqual([{ type: 'text-delta', text: '', logprobs: [scored('<end>')] }]);
  expect(logprobs.flush()).toEqual([]);
});
