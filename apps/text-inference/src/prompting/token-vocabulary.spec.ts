import { describe, expect, it } from 'vitest';
import { tokenVocabulary } from './token-vocabulary.js';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe('tokenVocabulary', () => {
  it('reads byte-level BPE with its added tokens', () => {
    const vocabulary = tokenVocabulary({
      model: { type: 'BPE', vocab: { a: 0, Ġb: 1, 'ä½ł': 2, Ċ: 3, Ń: 4 } },
      decoder: { type: 'ByteLevel' },
      added_tokens: [
        { id: 5, content: '<|im_end|>', special: true },
        { id: 7, content: '<tool_call>', special: false },
      ],
    });
    expect(vocabulary).toMatchObject({ size: 8, encoding: 'byte_level' });
    expect(vocabulary.tokens).toEqual(['a', 'Ġb', 'ä½ł', 'Ċ', 'Ń', '<|im_end|>', '', '<tool_call>']);
    expect([0, 1, 2, 3].map((id) => text(vocabulary.bytesOf(id)))).toEqual(['a', ' b', '你', '\n']);
    expect([...vocabulary.bytesOf(4)]).toEqual([0xad]);
    expect([5, 6, 99].map((id) => vocabulary.bytesOf(id).length)).toEqual([0, 0, 0]);
    expect(text(vocabulary.bytesOf(7))).toBe('<tool_call>');
  });

  it('reads pieces with byte fallback, as BPE or Unigram', () => {
    const vocabulary = tokenVocabulary({
      model: { type: 'Unigram', vocab: [['<0xE4>', 0], ['▁你', -1.5]] }, // prettier-ignore
      decoder: { type: 'Metaspace', prepend_scheme: 'always' },
    });
    expect(vocabulary).toMatchObject({ size: 2, encoding: 'byte_fallback', leadingSpaces: 1 });
    expect([...vocabulary.bytesOf(0)]).toEqual([0xe4]);
    expect(text(vocabulary.bytesOf(1))).toBe(' 你');
  });

  it('refuses what is no tokenizer', () => {
    expect(() => tokenVocabulary({ model: {} })).toThrow(/tokenizer\.json/);
    expect(() => tokenVocabulary({ model: { vocab: { a: 2 ** 40 } } })).toThrow(/id 1099511627776/);
  });
});
