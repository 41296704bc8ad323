import { describe, expect, it } from 'vitest';
import { tokenVocabulary, type TokenVocabulary } from '../prompting/token-vocabulary.js';
import { IncrementalDetokenizer } from './text-decoder.js';

const TEXT = '你好 wörld 👩‍🚀，再见！';
/** As SentencePiece vocabularies write bytes: token `<0xAB>` with id 0xAB. */
const BYTES = Object.fromEntries(
  Array.from({ length: 256 }, (_, byte) => [`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`, byte]),
);

function pieces(extra: Record<string, number> = {}, decoders: object[] = []): TokenVocabulary {
  return tokenVocabulary({
    model: { type: 'BPE', vocab: { ...BYTES, ...extra }, byte_fallback: true },
    decoder: { type: 'Sequence', decoders: [{ type: 'ByteFallback' }, ...decoders] },
    added_tokens: [{ id: 900, content: '</s>', special: true }],
  });
}

/** Each id's bytes are those given, which need not be whole characters. */
function cut(parts: readonly Uint8Array[]): TokenVocabulary {
  return {
    size: parts.length,
    encoding: 'raw',
    tokens: parts.map(String),
    bytesOf: (id) => parts[id] ?? new Uint8Array(),
  };
}

function decode(vocabulary: TokenVocabulary, ids: Iterable<number>): string[] {
  const detokenizer = new IncrementalDetokenizer(vocabulary);
  return [...Array.from(ids, (id) => detokenizer.push(id)), detokenizer.flush()];
}

describe('IncrementalDetokenizer', () => {
  it('shows whole characters only, cut at any two bytes', () => {
    const bytes = new TextEncoder().encode(TEXT);
    for (let first = 0; first <= bytes.length; first += 1) {
      for (let second = first; second <= bytes.length; second += 1) {
        const vocabulary = cut([bytes.slice(0, first), bytes.slice(first, second), bytes.slice(second)]);
        const shown = decode(vocabulary, [0, 1, 2]);
        expect(shown.join('')).toBe(TEXT);
        for (const text of shown) expect(text.isWellFormed() && !text.includes('\ufffd')).toBe(true);
      }
    }
  });

  it('shows a character with its last byte', () => {
    expect(decode(pieces(), new TextEncoder().encode('好a'))).toEqual(['', '', '好', 'a', '']);
  });

  it('makes lone bytes U+FFFD, at the end too', () => {
    expect(decode(pieces(), [0xff, 0x41, 0xe4, 0xbd]).join('')).toBe('\ufffdA\ufffd');
  });

  it('loses the first space where the decoder strips it', () => {
    const vocabulary = pieces({ '▁a': 300, '▁': 301 }, [{ type: 'Strip', content: ' ', start: 1, stop: 0 }]);
    expect(decode(vocabulary, [300, 300]).join('')).toBe('a a');
    expect(decode(vocabulary, [900, 301, 300]).join('')).toBe(' a');
    expect(decode(pieces({ '▁a': 300 }), [300, 300]).join('')).toBe(' a a');
  });
});
