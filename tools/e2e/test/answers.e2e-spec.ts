import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleTruth, sampleUrl, startTestHouse, type TestHouse } from '../src/index.js';

let trivium: TestHouse;
let photo: string;
let truth: Record<string, string | null>;

beforeAll(async () => {
  trivium = await startTestHouse();
  photo = await sampleUrl('invoices/invoice-01.jpg', 'image/jpeg');
  truth = { ...(await sampleTruth('invoices/invoice-01.json')).fields };
});
afterAll(() => trivium[Symbol.asyncDispose]());

const get = (path: string): Promise<Response> =>
  fetch(trivium.url + path, { headers: { authorization: `Bearer ${trivium.apiKey}` } });
const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(trivium.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${trivium.apiKey}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const expected = (field: string): string => {
  const value = truth[field];
  if (value === null || value === undefined) throw new Error(`The sample has no ${field}`);
  return value;
};

describe('a photo of an invoice and a question', () => {
  it('streams a Markdown answer with the total, number, date and both parties', async () => {
    const stream = await trivium.client.chat.completions.create({
      model: 'trivium',
      stream: true,
      stream_options: { include_usage: true },
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: '这张发票的价税合计是多少？' },
            { type: 'image_url', image_url: { url: photo } },
          ],
        },
      ],
    });
    let text = '';
    let pieces = 0;
    let finish: string | null | undefined;
    for await (const chunk of stream) {
      const delta = chunk.choices[0]?.delta.content ?? '';
      if (delta !== '') pieces += 1;
      text += delta;
      finish ??= chunk.choices[0]?.finish_reason;
    }

    expect(pieces).toBeGreaterThan(3);
    expect(finish).toBe('stop');
    for (const field of ['number', 'date', 'buyerName', 'sellerName', 'total'] as const) {
      expect(text).toContain(expected(field));
    }
    expect(text).toContain('贰万伍仟叁佰伍拾肆圆柒角壹分');
    expect(text).toMatch(/\|.*---/);
  });

  it('gives the same facts without streaming', async () => {
    const answer = await trivium.client.chat.completions.create({
      model: 'trivium',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is the total of this invoice?' },
            { type: 'image_url', image_url: { url: photo } },
          ],
        },
      ],
    });

    expect(answer.choices[0]?.message.content).toContain(expected('total'));
    expect(answer.usage).toBeDefined();
  });

  it('reads a PDF that was uploaded as a file', async () => {
    const pdf = await sampleUrl('invoices/invoice-01.pdf', 'application/pdf');
    const bytes = Buffer.from(pdf.slice(pdf.indexOf(',') + 1), 'base64');
    const file = await trivium.client.files.create({
      file: new File([bytes], 'invoice-01.pdf', { type: 'application/pdf' }),
      purpose: 'user_data',
    });

    const answer = await trivium.client.chat.completions.create({
      model: 'trivium',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: '销售方是谁？' },
            { type: 'file', file: { file_id: file.id } },
          ],
        },
      ],
    });

    expect(answer.choices[0]?.message.content).toContain(expected('sellerName'));
    expect((await trivium.client.files.delete(file.id)).deleted).toBe(true);
  });
});

describe('document endpoints', () => {
  it('returns fields with confidence and polygon, checks and a verdict', async () => {
    const reply = await post('/v1/documents/invoices', { document: photo });
    const body = (await reply.json()) as {
      invoice: {
        verdict: string;
        fields: Record<string, { normalized: string; confidence: number; quadrilateral: number[][] } | null>;
        items: unknown[];
        checks: { id: string; status: string }[];
      };
    };

    expect(reply.status).toBe(200);
    expect(body.invoice.verdict).toBe('PASS');
    expect(body.invoice.items).toHaveLength(3);
    const total = body.invoice.fields['total'];
    expect(total?.normalized).toBe(expected('total'));
    expect(total?.confidence).toBeGreaterThan(0.8);
    expect(total?.quadrilateral).toHaveLength(4);
    expect(body.invoice.checks.filter(({ status }) => status === 'failed')).toEqual([]);
  });

  it('reads two columns without merging them', async () => {
    const reply = await post('/v1/documents/ocr', {
      document: await sampleUrl('pictures/two-columns.png', 'image/png'),
    });
    const { pages } = (await reply.json()) as { pages: { lines: { text: string }[] }[] };

    expect(reply.status).toBe(200);
    const texts = pages[0]?.lines.map(({ text }) => text) ?? [];
    expect(texts.length).toBeGreaterThan(10);
    const mixed = texts.filter((text) => /[\u4e00-\u9fff]{3,}.*[A-Za-z]{3,}.*[A-Za-z]{3,}/.test(text));
    expect(mixed).toEqual([]);
  });
});

describe('bad input', () => {
  const chat = (url: string): unknown => ({
    model: 'trivium',
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: '合计多少？' },
          { type: 'image_url', image_url: { url } },
        ],
      },
    ],
  });
  const asUrl = (bytes: Uint8Array, type: string): string =>
    `data:${type};base64,${Buffer.from(bytes).toString('base64')}`;
  const hugePng = (): Uint8Array => {
    const header = Buffer.from(
      '89504e470d0a1a0a0000000d49484452000000000000000008020000000000000000000049454e44ae426082',
      'hex',
    );
    header.writeUInt32BE(50_000, 16);
    header.writeUInt32BE(50_000, 20);
    return header;
  };

  it.each([
    ['text that is not an image', () => asUrl(Buffer.from('hello'), 'image/png')],
    ['an SVG', () => asUrl(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'image/svg+xml')],
    ['a PNG of 50,000 by 50,000 pixels', () => asUrl(hugePng(), 'image/png')],
    ['a truncated photo', () => photo.slice(0, Math.floor(photo.length / 2 / 4) * 4)],
    ['a remote address', () => 'https://example.com/invoice.jpg'],
  ])('%s is a 400 that names the part', async (_name, url) => {
    const reply = await post('/v1/chat/completions', chat(url()));
    const { error } = (await reply.json()) as { error: { param: string; message: string } };

    expect(reply.status).toBe(400);
    expect(error.param).toContain('messages[0].content[1]');
    expect(error.message.length).toBeGreaterThan(20);
  });

  it('answers each other fault with its own status, code and field', async () => {
    const ask = (body: unknown): Promise<Response> => post('/v1/chat/completions', body);
    const messages = [{ role: 'user', content: 'hello' }];
    const cases: [Promise<Response>, number, string | null, string | null][] = [
      [ask({ model: 'no-such-model', messages }), 404, 'model_not_found', 'model'],
      [ask({ model: 'trivium', messages, n: 9 }), 400, 'invalid_request', 'n'],
      [ask({ model: 'trivium', messages, store: true }), 400, 'unsupported_parameter', 'store'],
      [ask({ model: 'trivium', messages, turbo: true }), 400, 'unsupported_parameter', 'turbo'],
      [ask({ model: 'trivium' }), 400, 'invalid_request', 'messages'],
      [ask('{"model": '), 400, 'invalid_request', null],
      [get('/v1/conversations/conv_missing'), 404, 'not_found', null],
      [get('/v1/nothing'), 404, 'not_found', null],
    ];
    for (const [reply, status, code, param] of cases) {
      const answer = await reply;
      const { error } = (await answer.json()) as { error: Record<string, string | null> };

      expect(error).toMatchObject({ code });
      expect(answer.status).toBe(status);
      expect(Object.keys(error).sort()).toEqual(['code', 'message', 'param', 'type']);
      if (param !== null) expect(error['param']).toBe(param);
      expect(answer.headers.get('x-request-id')).toBeTruthy();
    }
  });

  it('refuses a wrong key and a body that is too large', async () => {
    const wrong = await fetch(`${trivium.url}/v1/models`, { headers: { authorization: 'Bearer sk-wrong' } });
    const large = await post('/v1/chat/completions', JSON.stringify({ model: 'x'.repeat(80 * 1024 * 1024) }));

    expect(wrong.status).toBe(401);
    expect(((await wrong.json()) as { error: { code: string } }).error.code).toBe('invalid_api_key');
    expect(large.status).toBe(413);
  });
});

it('lists the models that are really there', async () => {
  const models = await trivium.client.models.list();

  expect(models.data.map(({ id }) => id)).toContain('trivium');
  expect((await trivium.client.models.retrieve('trivium')).object).toBe('model');
});

it('describes itself', async () => {
  const openapi = (await (await fetch(`${trivium.url}/openapi.json`)).json()) as { paths: object };

  expect(Object.keys(openapi.paths)).toEqual(
    expect.arrayContaining(['/v1/chat/completions', '/v1/responses', '/v1/documents/invoices', '/v1/files']),
  );
  expect((await fetch(`${trivium.url}/docs`)).status).toBe(200);
});
