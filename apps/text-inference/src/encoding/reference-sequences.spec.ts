import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SequenceTokenizer } from './sequence-tokenizer.js';

interface Recorded {
  readonly tokenizer: object;
  readonly single: readonly { readonly window: number; readonly text: string; readonly ids: number[] }[];
  readonly pair: readonly {
    readonly window: number;
    readonly texts: readonly [string, string];
    readonly ids: number[];
    readonly types: number[];
  }[];
}

// Recorded of Hugging Face tokenizers by test/fixtures/record_sequences.py.
describe.each(['word-piece', 'byte-level-bpe', 'unigram'])('a %s tokenizer', (name) => {
  const path = new URL(`../../test/fixtures/sequences-${name}.json`, import.meta.url);
  const { tokenizer, single, pair } = JSON.parse(readFileSync(path, 'utf8')) as Recorded;
  const of = (window: number) => new SequenceTokenizer(name, tokenizer, {}, window);

  it.each(single)('makes of $text in $window tokens what the reference makes', ({ window, text, ids }) => {
    expect(of(window).one(text, true)?.ids).toEqual(ids);
  });

  it.each(pair)('makes of the pair $texts in $window tokens the same', ({ window, texts, ids, types }) => {
    expect(of(window).pair(...texts, true)).toEqual({ ids, types });
  });
});
