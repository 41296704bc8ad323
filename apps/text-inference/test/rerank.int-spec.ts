import 'reflect-metadata';
import type { RequestOf } from '@trivium/contracts';
import { inferenceContracts } from '@trivium/contracts/inference';
import { classify, embed, rerank } from '@trivium/contracts/text-inference';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TINY_TOKENIZER, tinyId } from '../src/encoding/tiny-tokenizer.fixture.js';
import {
  cosineOf,
  CROSS,
  type EncoderHouse,
  refusal,
  runGraph,
  startEncoders,
  STATES,
  vectorsOf,
} from './encoder-house.js';

const DOCUMENTS = ['the total is odd', '发票', 'hello you', 'what date is the invoice ?'];

const files = { 'tokenizer.json': TINY_TOKENIZER, 'config.json': { max_position_embeddings: 64 } };

let cross: EncoderHouse;
let vectors: EncoderHouse;
let empty: EncoderHouse;

beforeAll(async () => {
  cross = await startEncoders({ embedder: { model: STATES, files }, reranker: { model: CROSS, files } });
  vectors = await startEncoders({ embedder: { model: STATES, files } });
  empty = await startEncoders({}, { bundled: false });
});
afterAll(async () => {
  await Promise.all([cross, vectors, empty].map((house) => house[Symbol.asyncDispose]()));
});

const ask = (request: Partial<RequestOf<typeof rerank>> = {}, house = cross) =>
  house.client.call(rerank, { query: 'what date', documents: DOCUMENTS, ...request });
const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));

describe('a cross-encoder', () => {
  it('scores each pair as computed without this service, best first', async () => {
    const expected = await Promise.all(
      [
        ['the', 'total', 'is', 'o', '##d', '##d'],
        ['发', '票'],
      ].map(async (document) => {
        const ids = ['[CLS]', 'what', 'date', '[SEP]', ...document, '[SEP]'].map(tinyId);
        const types = ids.map((_, index) => (index < 4 ? 0 : 1));
        return sigmoid((await runGraph(CROSS, ids, types))[0] ?? Number.NaN);
      }),
    );

    const { model, results } = await ask();

    expect(model).toBe('reranker');
    expect(results.map(({ score }) => score)).toEqual(
      results.map(({ score }) => score).toSorted((one, other) => other - one),
    );
    expect(results.map(({ index }) => index).toSorted()).toEqual([0, 1, 2, 3]);
    expected.forEach((score, index) => {
      expect(results.find((result) => result.index === index)?.score).toBeCloseTo(score, 5);
    });
  });

  it('answers with so many of the best', async () => {
    const all = await ask();

    expect((await ask({ topN: 2 })).results).toEqual(all.results.slice(0, 2));
  });

  it('cuts a long document unless that was not wanted', async () => {
    const documents = ['hello', 'the total '.repeat(100)];

    expect((await ask({ documents })).inputTokens).toBe(6 + 64);
    expect(await refusal(ask({ documents, truncate: false }))).toMatchObject({
      code: 'context_length_exceeded',
      param: 'documents[1]',
    });
  });
});

describe('without a cross-encoder', () => {
  const similarity = async (document: string): Promise<number> => {
    const reply = await vectors.client.call(embed, { inputs: ['what date', document] });
    const [one = [], other = []] = vectorsOf(reply);
    return (1 + cosineOf(one, other)) / 2;
  };

  it('similarity decides, and the answer says which model that was', async () => {
    const { model, results } = await ask({}, vectors);

    expect(model).toBe('embedder');
    expect(results).toHaveLength(4);
    for (const { index, score } of results) {
      expect(score).toBeCloseTo(await similarity(DOCUMENTS[index] ?? ''), 5);
    }
  });

  it('the same holds when such a model is named', async () => {
    expect((await ask({ model: 'embedder' })).model).toBe('embedder');
    expect((await ask({ model: 'embedder' })).results).toEqual((await ask({}, vectors)).results);
  });

  it('a long document is named as the caller has it', async () => {
    const documents = ['hello', 'hello '.repeat(100)];

    expect(await refusal(ask({ documents, truncate: false }, vectors))).toMatchObject({
      param: 'documents[1]',
    });
    expect(
      await refusal(ask({ query: 'hello '.repeat(100), documents: ['a'], truncate: false }, vectors)),
    ).toMatchObject({ param: 'query' });
  });
});

describe('classification', () => {
  const labels = [
    { label: 'greeting', examples: ['hello you', '你好'] },
    { label: 'money', examples: ['what is the total ?', '金额多少'] },
  ];

  it('says which example is nearest', async () => {
    const reply = await cross.client.call(classify, { text: '金额多少', labels });

    expect(reply.model).toBe('embedder');
    expect(reply.scores[0]).toMatchObject({ label: 'money', example: '金额多少' });
    expect(reply.scores[0]?.score).toBeCloseTo(1, 5);
    expect(reply.scores[1]?.label).toBe('greeting');
    expect(reply.scores[1]?.score).toBeLessThan(1);
  });

  it('embeds examples once', async () => {
    const fresh = [{ label: 'farewell', examples: ['再见', 'you can do it', 'the date is odd'] }];
    const statistics = async (): Promise<number> => {
      const { getModelStatistics } = inferenceContracts['text-inference'];
      const { statistics: all } = await vectors.client.call(getModelStatistics, { model: 'embedder' });
      return all.reduce((sum, { inferenceCount }) => sum + inferenceCount, 0);
    };
    const before = await statistics();
    await vectors.client.call(classify, { text: 'hello', labels: fresh });
    const first = await statistics();
    await vectors.client.call(classify, { text: 'you', labels: fresh });

    expect([first - before, (await statistics()) - first]).toEqual([4, 1]);
  });
});

describe('without any model', () => {
  it('the answer says how to add one', async () => {
    const refusals = await Promise.all([
      refusal(empty.client.call(embed, { inputs: ['a'] })),
      refusal(ask({}, empty)),
      refusal(empty.client.call(classify, { text: 'a', labels: [{ label: 'x', examples: ['y'] }] })),
    ]);

    for (const { code, message } of refusals) {
      expect(code).toBe('model_not_available');
      expect(message).toContain('models pull');
    }
  });
});
