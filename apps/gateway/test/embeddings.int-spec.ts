import { DomainError, type ParsedRequestOf, type ReplyOf } from '@trivium/contracts';
import type { embed, rerank } from '@trivium/contracts/text-inference';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RunningGateway, startGateway } from './running-gateway.js';

type EmbedRequest = ParsedRequestOf<typeof embed>;

const execution = {
  model: 'm',
  variant: 'fp32',
  placement: 'cpu',
  queueMs: 0,
  computeMs: 1,
  batchSize: 1,
} as const;
/** Three numbers that tell which text they belong to; none is a short decimal. */
const vectorOf = (input: EmbedRequest['inputs'][number]): number[] => [
  Math.fround(Math.sin(input.length)),
  Math.fround(1e-7 / input.length),
  Math.fround(-1 / 3),
];
const vectors = ({ inputs }: EmbedRequest): ReplyOf<typeof embed> => ({
  model: 'mini',
  dimensions: 3,
  vectors: new Uint8Array(Float32Array.from(inputs.flatMap(vectorOf)).buffer),
  inputTokens: inputs.length * 2,
  execution,
});

let gateway: RunningGateway;
const asked: EmbedRequest[] = [];

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());
beforeEach(() => {
  asked.length = 0;
  gateway.services.embeddings = (request) => {
    asked.push(request);
    return vectors(request);
  };
});

const post = (body: object) => gateway.post('/v1/embeddings', { model: 'mini', ...body });
const refusalOf = async (response: Response) => ({
  status: response.status,
  ...((await response.json()) as { error: object }).error,
});

describe('/v1/embeddings', () => {
  it('is what the official client expects, in both encodings', async () => {
    const [base64, float] = await Promise.all([
      // unless told otherwise the client asks for base64 and decodes it
      gateway.client.embeddings.create({ model: 'mini', input: ['hello', '你好'] }),
      gateway.client.embeddings.create({ model: 'mini', input: ['hello', '你好'], encoding_format: 'float' }),
    ]);

    expect(float).toEqual({
      object: 'list',
      data: [
        {
          object: 'embedding',
          index: 0,
          embedding: vectorOf('hello').map((value) => expect.closeTo(value, 9)),
        },
        {
          object: 'embedding',
          index: 1,
          embedding: vectorOf('你好').map((value) => expect.closeTo(value, 9)),
        },
      ],
      model: 'mini',
      usage: { prompt_tokens: 4, total_tokens: 4 },
    });
    expect(float.data.map(({ embedding }) => embedding.map(Math.fround))).toEqual([
      vectorOf('hello'),
      vectorOf('你好'),
    ]);
    expect(base64.data.map(({ embedding }) => [...embedding])).toEqual([vectorOf('hello'), vectorOf('你好')]);
  });

  it.each<[unknown, EmbedRequest['inputs']]>([
    ['hello', ['hello']],
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    [[2, 45, 3], [[2, 45, 3]]],
    [
      [
        [2, 3],
        [2, 45, 3],
      ],
      [
        [2, 3],
        [2, 45, 3],
      ],
    ],
  ])('takes the input %j', async (input, inputs) => {
    expect((await post({ input, user: 'ann' })).status).toBe(200);
    expect(asked).toMatchObject([{ model: 'mini', inputs, truncate: false }]);
  });

  it('passes on what it was asked for', async () => {
    await post({ input: 'a', dimensions: 2, truncate: true, input_type: 'query' });
    await post({ input: 'a', dimensions: null, truncate: null, input_type: null, encoding_format: null });

    expect(asked[0]).toMatchObject({ dimensions: 2, truncate: true, purpose: 'query' });
    expect(asked[1]).toEqual({ model: 'mini', inputs: ['a'], truncate: false });
  });

  it('asks in parts where one message would be too large, and keeps the order', async () => {
    const input = Array.from({ length: 2_048 }, (_, index) => 'x'.repeat(1 + index));
    const response = await post({ input, encoding_format: 'base64' });
    const { data, usage } = (await response.json()) as {
      data: { index: number; embedding: string }[];
      usage: object;
    };

    expect(asked.length).toBeGreaterThanOrEqual(32);
    expect(Math.max(...asked.map(({ inputs }) => inputs.join('').length))).toBeLessThanOrEqual(512 * 1024);
    expect(usage).toEqual({ prompt_tokens: 4_096, total_tokens: 4_096 });
    data.forEach(({ index, embedding }, place) => {
      expect(index).toBe(place);
      const bytes = Buffer.from(embedding, 'base64');
      expect(bytes.readFloatLE(0)).toBe(Math.fround(Math.sin(place + 1)));
    });
  });

  it('names a fault as the client wrote it, whichever part it was in', async () => {
    gateway.services.embeddings = ({ inputs }) => {
      const index = inputs.indexOf('wrong');
      if (index === -1) return vectors({ inputs, truncate: false });
      throw new DomainError('context_length_exceeded', 'too long', { param: `inputs[${index}]` });
    };
    const many = Array.from({ length: 100 }, (_, index) => (index === 77 ? 'wrong' : 'fine'));

    expect(await refusalOf(await post({ input: many }))).toMatchObject({ status: 400, param: 'input[77]' });
    expect(await refusalOf(await post({ input: 'wrong' }))).toMatchObject({
      param: 'input',
      code: 'context_length_exceeded',
    });
  });

  it('names the token id that is at fault', async () => {
    gateway.services.embeddings = () => {
      throw new DomainError('invalid_request', 'no such id', { param: 'inputs[0][1]' });
    };

    expect(await refusalOf(await post({ input: [2, 999] }))).toMatchObject({ param: 'input[1]' });
    expect(await refusalOf(await post({ input: [[2, 999]] }))).toMatchObject({ param: 'input[0][1]' });
  });

  it('cuts a text that no message holds only where it may', async () => {
    const input = `${'a'.repeat(99_999)}😀${'b'.repeat(1_000_000)}`;

    expect(await refusalOf(await post({ input: ['a', input] }))).toMatchObject({
      status: 400,
      param: 'input[1]',
      code: 'context_length_exceeded',
    });
    expect((await post({ input: ['a', input], truncate: true })).status).toBe(200);
    expect(asked[0]?.inputs[1]).toBe('a'.repeat(99_999));
  });

  it.each<[string, object]>([
    ['input', {}],
    ['input', { input: '' }],
    ['input', { input: [] }],
    ['input[3]', { input: ['a', 'b', 'c', '', 'd'] }],
    ['input[1]', { input: [[1], []] }],
    ['input[1]', { input: [1, -1] }],
    ['input[1]', { input: ['a', 1] }],
    ['input[0][1]', { input: [[1, 2.5]] }],
    ['input', { input: Array.from({ length: 2_049 }, () => 'a') }],
    ['model', { model: 3, input: 'a' }],
    ['encoding_format', { input: 'a', encoding_format: 'int8' }],
    ['dimensions', { input: 'a', dimensions: 0 }],
    ['input_type', { input: 'a', input_type: 'image' }],
    ['late_chunking', { input: 'a', late_chunking: true }],
  ])('refuses %s by name: %#', async (param, body) => {
    expect(await refusalOf(await post(body))).toMatchObject({ status: 400, param });
    expect(asked).toEqual([]);
  });

  it('says what the service says about models', async () => {
    gateway.services.embeddings = () => {
      throw new DomainError('model_not_found', 'There is no model', { param: 'model' });
    };

    expect(await refusalOf(await post({ input: 'a' }))).toMatchObject({ status: 404, param: 'model' });
  });

  it('needs a key', async () => {
    const response = await gateway.post(
      '/v1/embeddings',
      { model: 'm', input: 'a' },
      { authorization: 'Bearer no' },
    );

    expect(response.status).toBe(401);
  });
});

describe('/v1/rerank', () => {
  const rankings: ParsedRequestOf<typeof rerank>[] = [];
  const rank = (body: object) => gateway.post('/v1/rerank', { query: 'q', ...body });

  beforeEach(() => {
    rankings.length = 0;
    gateway.services.rankings = (request) => {
      rankings.push(request);
      const scores = request.documents.map((text, index) => ({ index, score: text.length / 1_000 }));
      return {
        model: 'cross',
        results: scores.sort((one, other) => other.score - one.score),
        inputTokens: 3 * scores.length,
        execution,
      };
    };
  });

  it('lists documents best first, repeated when asked for', async () => {
    const response = await rank({
      model: 'cross',
      documents: ['a', { text: 'abc' }, 'ab'],
      return_documents: true,
    });

    expect(await response.json()).toEqual({
      id: expect.stringMatching(/^rerank-/),
      object: 'list',
      model: 'cross',
      results: [
        { index: 1, relevance_score: 0.003, document: { text: 'abc' } },
        { index: 2, relevance_score: 0.002, document: { text: 'ab' } },
        { index: 0, relevance_score: 0.001, document: { text: 'a' } },
      ],
      usage: { prompt_tokens: 9, total_tokens: 9 },
    });
    expect(rankings).toEqual([{ model: 'cross', query: 'q', documents: ['a', 'abc', 'ab'], truncate: true }]);
  });

  it('ranks over all parts of a long list', async () => {
    const documents = Array.from({ length: 200 }, (_, index) => 'x'.repeat(1 + ((index * 7) % 200)));
    const response = await rank({ documents, top_n: 3 });
    const { results } = (await response.json()) as { results: { index: number; relevance_score: number }[] };

    expect(rankings.length).toBeGreaterThan(1);
    expect(results.map(({ relevance_score: score }) => score)).toEqual([0.2, 0.199, 0.198]);
    for (const { index, relevance_score: score } of results) {
      expect(documents[index]?.length).toBe(score * 1_000);
    }
  });

  it.each<[string, object]>([
    ['query', { query: '', documents: ['a'] }],
    ['documents', {}],
    ['documents', { documents: [] }],
    ['documents[1]', { documents: ['a', ''] }],
    ['documents[1].text', { documents: ['a', { text: '' }] }],
    ['top_n', { documents: ['a'], top_n: 0 }],
    ['rank_fields', { documents: ['a'], rank_fields: ['title'] }],
  ])('refuses %s by name: %#', async (param, body) => {
    expect(await refusalOf(await rank(body))).toMatchObject({ status: 400, param });
  });

  it('names the document that is too long, in its own shape', async () => {
    gateway.services.rankings = ({ documents }) => {
      throw new DomainError('context_length_exceeded', 'too long', {
        param: `documents[${documents.indexOf('wrong')}]`,
      });
    };

    expect(await refusalOf(await rank({ documents: ['wrong'] }))).toMatchObject({ param: 'documents[0]' });
    expect(
      await refusalOf(await rank({ documents: ['a', { text: 'wrong' }], truncate: false })),
    ).toMatchObject({
      param: 'documents[1].text',
    });
  });
});
