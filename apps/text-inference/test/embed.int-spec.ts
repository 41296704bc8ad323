import 'reflect-metadata';
import type { RequestOf } from '@trivium/contracts';
import { embed, listTextModels } from '@trivium/contracts/text-inference';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TINY_TOKENIZER, tinyId } from '../src/encoding/tiny-tokenizer.fixture.js';
import {
  cosineOf,
  type EncoderHouse,
  meanOf,
  POOLED,
  refusal,
  runGraph,
  startEncoders,
  STATES,
  unit,
  vectorsOf,
} from './encoder-house.js';

const WIDTH = 32;
const WORDS = ['hello', 'you', '发票', 'what', 'date', '再见', 'total', 'odd', '?', '金额多少'];
const tokenizer = { 'tokenizer.json': TINY_TOKENIZER };
const config = { 'config.json': { model_type: 'bert', vocab_size: 110, max_position_embeddings: 64 } };

let house: EncoderHouse;

beforeAll(async () => {
  house = await startEncoders({
    'a-mean': { model: STATES, files: { ...tokenizer, ...config } },
    'bge-tiny': { model: STATES, files: { ...tokenizer, ...config } },
    'e5-tiny': { model: STATES },
    'z-max': {
      model: STATES,
      files: {
        ...tokenizer,
        'modules.json': [
          { idx: 0, name: '0', path: '', type: 'sentence_transformers.models.Transformer' },
          { idx: 1, name: '1', path: '1_Pooling', type: 'sentence_transformers.models.Pooling' },
        ],
        '1_Pooling/config.json': { word_embedding_dimension: 32, pooling_mode_max_tokens: true },
        'sentence_bert_config.json': { max_seq_length: 8 },
      },
    },
    'z-pooled': { model: POOLED },
    'z-silent': { model: STATES, manifest: { input: [], output: [] } },
    'z-mute': { model: STATES, files: {} },
    'z-tensors': { model: STATES, manifest: { task: 'tensors' } },
  });
});
afterAll(() => house[Symbol.asyncDispose]());

const ask = (inputs: RequestOf<typeof embed>['inputs'], rest: Partial<RequestOf<typeof embed>> = {}) =>
  house.client.call(embed, { model: 'a-mean', inputs, ...rest });
const one = async (...args: Parameters<typeof ask>): Promise<number[]> => [
  ...(vectorsOf(await ask(...args))[0] ?? []),
];
const ids = (...tokens: string[]): number[] => ['[CLS]', ...tokens, '[SEP]'].map(tinyId);
const close = (one: readonly number[], other: readonly number[]): void => {
  expect(one.length).toBe(other.length);
  one.forEach((value, index) => expect(value).toBeCloseTo(other[index] ?? Number.NaN, 5));
};

describe('a vector', () => {
  it('is the mean of the states with length 1, as computed without this service', async () => {
    const states = await runGraph(STATES, ids('what', 'is', 'the', 'date', '?'));

    close(await one(['What is the date?']), unit(meanOf(states, WIDTH)));
  });

  it('is the state of the first token for models of that family', async () => {
    const states = await runGraph(STATES, ids('hello'));

    close(await one(['hello'], { model: 'bge-tiny' }), unit(states.slice(0, WIDTH)));
  });

  it('is pooled as the published file says', async () => {
    const states = await runGraph(STATES, ids('hello', 'you'));
    const highest = Array.from({ length: WIDTH }, (_, channel) =>
      Math.max(...states.filter((_value, index) => index % WIDTH === channel)),
    );

    close(await one(['hello you'], { model: 'z-max' }), unit(highest));
  });

  it('is taken as it is from a graph that pools by itself', async () => {
    close(await one(['hello'], { model: 'z-pooled' }), [...(await runGraph(POOLED, ids('hello')))]);
  });

  it('comes from a model whose manifest leaves its tensors to the file', async () => {
    close(await one(['hello'], { model: 'z-silent' }), await one(['hello']));
  });

  it('depends on the purpose where the model was trained so', async () => {
    const spelled = (text: string) => one([text], { model: 'e5-tiny' });

    close(await one(['hello'], { model: 'e5-tiny', purpose: 'query' }), await spelled('query: hello'));
    close(await one(['hello'], { model: 'e5-tiny', purpose: 'document' }), await spelled('passage: hello'));
    close(await one(['hello'], { purpose: 'query' }), await one(['hello']));
  });

  it('comes from a model that somebody added, before one that came with the program', async () => {
    expect(await ask(['hello'], { model: undefined })).toMatchObject({ model: 'a-mean' });
  });

  it('may be asked for by token ids', async () => {
    const reply = await ask([ids('hello', 'you'), 'hello you']);
    const [byIds, byText] = vectorsOf(reply);

    close([...(byIds ?? [])], [...(byText ?? [])]);
    expect(reply.inputTokens).toBe(8);
  });

  it('may be shorter, and then has length 1 again', async () => {
    const whole = await one(['hello']);
    const reply = await ask(['hello'], { dimensions: 8 });

    expect(reply.dimensions).toBe(8);
    close([...(vectorsOf(reply)[0] ?? [])], unit(whole.slice(0, 8)));
  });

  it('is the same alone and among 32 texts of every length', async () => {
    const texts = Array.from({ length: 32 }, (_, index) =>
      Array.from({ length: 1 + (index % 30) }, (_word, place) => WORDS[(index + place) % WORDS.length]).join(
        ' ',
      ),
    );
    const alone: number[][] = [];
    for (const text of texts) alone.push(await one([text]));
    const together = vectorsOf(await ask(texts));

    alone.forEach((vector, index) => expect(cosineOf(vector, together[index] ?? [])).toBeGreaterThan(0.9999));
    expect((await ask(texts)).execution).toMatchObject({ placement: 'cpu', variant: 'fp32' });
  });

  it('shares runs with the texts of other requests', async () => {
    const replies = await Promise.all(Array.from({ length: 24 }, () => ask(['hello', 'hello you'])));

    expect(Math.max(...replies.map(({ execution }) => execution.batchSize))).toBeGreaterThan(2);
  });
});

describe('a text that is too long', () => {
  const long = 'hello '.repeat(100);

  it('is refused by name, or cut when that was asked for', async () => {
    expect(await refusal(ask(['hello', long]))).toMatchObject({
      code: 'context_length_exceeded',
      param: 'inputs[1]',
      details: { maxTokens: 64 },
    });
    const reply = await ask([long], { truncate: true });

    expect(reply.inputTokens).toBe(64);
    close([...(vectorsOf(reply)[0] ?? [])], await one(['hello '.repeat(62)]));
  });

  it('is so by the window that the model was published with', async () => {
    const tooMany = await refusal(ask(['hello you can do what the date'], { model: 'z-max' }));

    expect(tooMany).toMatchObject({ code: 'context_length_exceeded', details: { maxTokens: 8 } });
    expect((await ask(['hello you can do what the'], { model: 'z-max' })).inputTokens).toBe(8);
  });

  it('holds for token ids too', async () => {
    const many = Array.from({ length: 65 }, () => 5);

    expect((await refusal(ask([many]))).code).toBe('context_length_exceeded');
    expect((await ask([many], { truncate: true })).inputTokens).toBe(64);
  });
});

describe('what cannot be', () => {
  it.each<[string, Parameters<typeof ask>, object]>([
    ['an unknown model', [['a'], { model: 'nope' }], { code: 'model_not_found', param: 'model' }],
    ['an unknown variant', [['a'], { model: 'a-mean@int3' }], { code: 'model_not_found', param: 'model' }],
    ['a model of another task', [['a'], { model: 'z-tensors' }], { code: 'invalid_request', param: 'model' }],
    ['too many dimensions', [['a'], { dimensions: 33 }], { code: 'invalid_request', param: 'dimensions' }],
    ['an empty text', [['a', '']], { code: 'invalid_request', param: 'inputs[1]' }],
    [
      'an id that is in no vocabulary',
      [['a', [2, 110, 3]]],
      { code: 'invalid_request', param: 'inputs[1][1]' },
    ],
    ['a negative id', [[[2, -1]]], { code: 'invalid_request', param: 'inputs[0][1]' }],
  ])('%s is refused by name', async (_what, args, expected) => {
    expect(await refusal(ask(...args))).toMatchObject(expected);
  });

  it('names the file that a model lacks', async () => {
    const error = await refusal(ask(['hello'], { model: 'z-mute' }));

    expect(error).toMatchObject({ code: 'model_not_available', param: 'model' });
    expect(error.message).toContain('tokenizer.json');
  });
});

it('lists its models with the length of their vectors', async () => {
  const { models } = await house.client.call(listTextModels, {});

  expect(models.find(({ id }) => id === 'a-mean')).toMatchObject({
    task: 'embed',
    placement: 'cpu',
    dimensions: 32,
    ready: true,
  });
  expect(models.map(({ id }) => id)).not.toContain('z-tensors');
});
