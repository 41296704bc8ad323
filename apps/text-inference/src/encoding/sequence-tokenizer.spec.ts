import { describe, expect, it } from 'vitest';
import { SequenceTokenizer } from './sequence-tokenizer.js';
import { TINY_TOKENIZER, TINY_VOCABULARY, tinyId } from './tiny-tokenizer.fixture.js';

const tokenizer = (maxTokens = 16, file: object = TINY_TOKENIZER) =>
  new SequenceTokenizer('tiny', file, {}, maxTokens);
const ids = (...tokens: string[]): number[] => tokens.map(tinyId);

describe('one text', () => {
  it('stands between the special tokens of its post-processor', () => {
    expect(tokenizer().one('Hello, 发票 IS odd', false)?.ids).toEqual(
      ids('[CLS]', 'hello', '[UNK]', '发', '票', 'is', 'o', '##d', '##d', '[SEP]'),
    );
  });

  it('is cut in front of the closing token, or not taken', () => {
    const long = 'hello you can do what the total is';

    expect(tokenizer(5).one(long, true)?.ids).toEqual(ids('[CLS]', 'hello', 'you', 'can', '[SEP]'));
    expect(tokenizer(5).one(long, false)).toBeUndefined();
    expect(tokenizer(10).one(long, false)?.ids).toHaveLength(10);
  });

  it('is the same when it is read in pieces', () => {
    const words = Array.from({ length: 3_000 }, (_, index) => ['hello', '发票', 'odd.', 'what?'][index % 4]);
    const text = words.join(' ');
    const whole = words.flatMap(
      (word) =>
        tokenizer(100)
          .one(word ?? '', false)
          ?.ids.slice(1, -1) ?? [],
    );

    expect(text.length).toBeGreaterThan(3 * 4_096);
    expect(tokenizer(100_000).one(text, false)?.ids.slice(1, -1)).toEqual(whole);
    expect(tokenizer(502).one(text, true)?.ids.slice(1, -1)).toEqual(whole.slice(0, 500));
  });

  it('is not read on once it is too long', () => {
    const from = performance.now();

    expect(tokenizer(64).one('hello '.repeat(1_000_000), false)).toBeUndefined();
    expect(performance.now() - from).toBeLessThan(1_000);
  });

  it('may come without special tokens', () => {
    const { post_processor: _, ...rest } = TINY_TOKENIZER;

    expect(tokenizer(16, { ...rest, post_processor: null }).one('hello', false)?.ids).toEqual(ids('hello'));
    expect(tokenizer(16, { ...rest, post_processor: null }).one(' ', false)?.ids).toEqual([]);
  });
});

describe('a pair', () => {
  it('tells which token belongs to which text', () => {
    expect(tokenizer().pair('what is', 'the date', false)).toEqual({
      ids: ids('[CLS]', 'what', 'is', '[SEP]', 'the', 'date', '[SEP]'),
      types: [0, 0, 0, 0, 1, 1, 1],
    });
  });

  it('gives from the longer text first', () => {
    const documents = 'the total is the date of you'.replace('of ', '');

    expect(tokenizer(8).pair('what is', documents, true)).toEqual({
      ids: ids('[CLS]', 'what', 'is', '[SEP]', 'the', 'total', 'is', '[SEP]'),
      types: [0, 0, 0, 0, 1, 1, 1, 1],
    });
    expect(tokenizer(8).pair('what is', documents, false)).toBeUndefined();
  });

  it('has two closing tokens between its texts where the model was trained so', () => {
    const roberta = {
      ...TINY_TOKENIZER,
      post_processor: {
        type: 'RobertaProcessing',
        cls: ['[CLS]', 2],
        sep: ['[SEP]', 3],
        trim_offsets: true,
        add_prefix_space: true,
      },
    };

    expect(tokenizer(16, roberta).pair('what', 'is', false)?.ids).toEqual(
      ids('[CLS]', 'what', '[SEP]', '[SEP]', 'is', '[SEP]'),
    );
  });
});

it('knows how many ids there are', () => {
  expect(tokenizer().vocabulary).toBe(TINY_VOCABULARY);
});

it('says which file is at fault when it is of an unknown kind', () => {
  const broken = { ...TINY_TOKENIZER, pre_tokenizer: { type: 'Astrology' } };

  expect(() => tokenizer(16, broken)).toThrow('tokenizer.json of tiny cannot be used');
});
