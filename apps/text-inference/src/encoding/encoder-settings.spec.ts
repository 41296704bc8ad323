import { describe, expect, it } from 'vitest';
import type { EncoderFiles } from './encoder-files.js';
import { settingsOf } from './encoder-settings.js';

const files = (overrides: Partial<EncoderFiles> = {}): EncoderFiles => ({
  tokenizer: {},
  tokenizerConfig: {},
  config: {},
  sentence: {},
  prompts: {},
  modules: [],
  pooling: undefined,
  ...overrides,
});
const pooling = (...modes: string[]): NonNullable<EncoderFiles['pooling']> => ({
  pooling_mode_cls_token: modes.includes('cls'),
  pooling_mode_mean_tokens: modes.includes('mean'),
  pooling_mode_max_tokens: modes.includes('max'),
  pooling_mode_mean_sqrt_len_tokens: modes.includes('sqrt'),
  pooling_mode_weightedmean_tokens: modes.includes('weighted'),
  pooling_mode_lasttoken: modes.includes('last'),
  include_prompt: true,
});
const module = (type: string) => ({ path: '', type: `sentence_transformers.models.${type}` });

describe('pooling', () => {
  it.each([
    ['all-minilm-l6-v2', 'mean'],
    ['multilingual-e5-small Xenova/multilingual-e5-small', 'mean'],
    ['gte-small thenlper/gte-small', 'mean'],
    ['my-own-encoder', 'mean'],
    ['bge-small-zh-v1.5 Xenova/bge-small-zh-v1.5', 'cls'],
    ['embed BAAI/bge-m3', 'cls'],
    ['gte-large-en-v1.5', 'cls'],
    ['gte-multilingual-base', 'cls'],
    ['snowflake-arctic-embed-m', 'cls'],
  ])('%s is of the family %s', (name, mode) => {
    expect(settingsOf(name, files()).pooling).toBe(mode);
  });

  it('follows the published file before the family', () => {
    expect(settingsOf('bge-small', files({ pooling: pooling('mean') })).pooling).toBe('mean');
    expect(settingsOf('minilm', files({ pooling: pooling('cls') })).pooling).toBe('cls');
    expect(settingsOf('qwen', files({ pooling: pooling('last') })).pooling).toBe('last');
  });

  it.each([
    ['two ways at once', files({ pooling: pooling('mean', 'cls') }), 'cls + mean'],
    ['a way that is not computed', files({ pooling: pooling('weighted') }), 'weightedmean_tokens'],
    [
      'a mean without the prompt',
      files({ pooling: { ...pooling('mean'), include_prompt: false }, prompts: { prompts: { query: 'q' } } }),
      'prompt',
    ],
    ['a layer behind the pooling', files({ modules: [module('Transformer'), module('Dense')] }), 'Dense'],
  ])('refuses %s', (_what, given, named) => {
    expect(() => settingsOf('m', given)).toThrow(named);
  });
});

describe('the window', () => {
  it.each<[string, Partial<EncoderFiles>, number]>([
    [
      'the sentence model says',
      { sentence: { max_seq_length: 256 }, config: { max_position_embeddings: 512 } },
      256,
    ],
    ['the tokenizer says', { tokenizerConfig: { model_max_length: 128 } }, 128],
    ['the positions say', { config: { model_type: 'bert', max_position_embeddings: 512 } }, 512],
    [
      'positions behind the padding id',
      { config: { model_type: 'xlm-roberta', max_position_embeddings: 514 } },
      512,
    ],
    [
      'never more than positions',
      { sentence: { max_seq_length: 8192 }, config: { max_position_embeddings: 512 } },
      512,
    ],
    ['a tokenizer without a limit', { tokenizerConfig: { model_max_length: 1e30 } }, 512],
    ['nobody says', {}, 512],
  ])('%s', (_what, given, expected) => {
    expect(settingsOf('m', files(given)).maxTokens).toBe(expected);
  });
});

describe('prompts', () => {
  it('are those of E5 by family', () => {
    expect(settingsOf('multilingual-e5-small', files()).prompts).toEqual({
      query: 'query: ',
      document: 'passage: ',
      none: '',
    });
  });

  it('are the published ones, with the default where there is one', () => {
    const prompts = { prompts: { query: 'Q: ', passage: 'P: ' }, default_prompt_name: 'passage' };

    expect(settingsOf('e5-x', files({ prompts })).prompts).toEqual({
      query: 'Q: ',
      document: 'P: ',
      none: 'P: ',
    });
  });

  it('are none otherwise', () => {
    expect(settingsOf('bge-small', files()).prompts).toEqual({ query: '', document: '', none: '' });
  });
});
