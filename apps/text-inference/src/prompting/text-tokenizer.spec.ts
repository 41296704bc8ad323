import { describe, expect, it } from 'vitest';
import { TextTokenizer } from './text-tokenizer.js';

const LETTERS = '<|>endabc .';

function tokenizer(special: boolean): TextTokenizer {
  const vocab = Object.fromEntries([...LETTERS].map((letter, id) => [letter, id]));
  const mark = { id: 20, content: '<|end|>', special, normalized: true, lstrip: false, rstrip: false };
  return TextTokenizer.load(
    {
      model: { type: 'BPE', vocab: { ...vocab, ab: 11 }, merges: ['a b'] },
      normalizer: { type: 'NFKC' },
      pre_tokenizer: null,
      post_processor: null,
      decoder: { type: 'Fuse' },
      added_tokens: [mark],
    },
    {},
  );
}

describe('TextTokenizer', () => {
  it('encodes text and the marks in it', () => {
    const loaded = tokenizer(true);
    expect(loaded.encode('abc<|end|>')).toEqual([11, LETTERS.indexOf('c'), 20]);
    expect(loaded.encode('')).toEqual([]);
    expect(loaded.idOf('<|end|>')).toBe(20);
    expect(loaded.idOf('zz')).toBeUndefined();
    expect(loaded.addedTokens).toEqual([{ content: '<|end|>', special: true }]);
  });

  it('takes a special token only as it is spelt, whatever the normalizer makes of other letters', () => {
    const fullWidth = '＜｜ｅｎｄ｜＞';
    expect(() => tokenizer(true).encode(fullWidth)).toThrow(
      expect.objectContaining({ code: 'invalid_request', param: 'messages' }),
    );
    expect(
      tokenizer(true)
        .encode(`a${fullWidth}<|end|>`)
        .filter((id) => id === 20),
    ).toHaveLength(1);
    expect(tokenizer(false).encode(fullWidth)).toEqual([20]);
  });

  it('refuses files that are no tokenizer', () => {
    expect(() => TextTokenizer.load({}, {})).toThrow(/tokenizer\.json/);
  });
});
