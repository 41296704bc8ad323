import type OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ResponseEvent } from '../src/responses/response-event.js';
import { routeDecided, saying, turnEnd } from './fake-services.js';
import { dataUrl, png, SVG } from './pictures.js';
import { LOCAL_KEY, type RunningGateway, startGateway } from './running-gateway.js';
import { sseEvents } from './sse.js';

let gateway: RunningGateway;
let client: OpenAI;

beforeAll(async () => {
  gateway = await startGateway();
  client = gateway.client;
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});
beforeEach(() => {
  gateway.services.turn = saying('Hello', ' there');
  gateway.services.turns.length = 0;
  gateway.services.files.clear();
});

describe('a response', () => {
  it('is answered as a whole and names the state of its turn', async () => {
    const response = await client.responses.create({
      model: 'trivium',
      input: 'Hi',
      instructions: 'Be brief.',
      metadata: { topic: 'greeting' },
      max_output_tokens: 9,
    });

    expect(response.output_text).toBe('Hello there');
    expect(response).toMatchObject({ status: 'completed', store: true, usage: { total_tokens: 18 } });
    expect(gateway.services.turns[0]).toMatchObject({
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
      instructions: 'Be brief.',
      sampling: { maxTokens: 9 },
      state: {
        responseId: response.id,
        outputItemId: response.output[0]?.id,
        metadata: { topic: 'greeting' },
      },
    });
    expect(response.id).toMatch(/^resp_/);
  });

  it('belongs to a conversation, or follows another response, not both', async () => {
    await client.responses.create({ model: 'trivium', input: 'Hi', conversation: { id: 'conv_7' } });
    await client.responses.create({ model: 'trivium', input: 'Hi', previous_response_id: 'resp_7' });
    const both = client.responses.create({
      model: 'trivium',
      input: 'Hi',
      conversation: 'conv_7',
      previous_response_id: 'resp_7',
    });

    await expect(both).rejects.toMatchObject({ status: 400, param: 'previous_response_id' });
    expect(gateway.services.turns[0]?.state).toMatchObject({ conversationId: 'conv_7' });
    expect(gateway.services.turns[1]?.state).toMatchObject({ previousResponseId: 'resp_7' });
  });

  it('is not stored when the client says so', async () => {
    const response = await client.responses.create({ model: 'trivium', input: 'Hi', store: false });

    expect(response).toMatchObject({ store: false });
    expect(gateway.services.turns[0]?.state).toBeUndefined();
    await expect(
      client.responses.create({ model: 'trivium', input: 'Hi', store: false, conversation: 'conv_7' }),
    ).rejects.toMatchObject({ status: 400, param: 'store', code: 'unsupported_parameter' });
  });

  it('is streamed as typed events in sequence', async () => {
    const reply = await gateway.post('/v1/responses', { model: 'trivium', input: 'Hi', stream: true });
    const events: { type: string; sequence_number: number }[] = [];
    for await (const { event, data } of sseEvents(reply)) {
      const parsed = ResponseEvent.parse(JSON.parse(data));
      expect(event).toBe(parsed.type);
      events.push(parsed);
    }

    expect(events.map(({ type }) => type.replace('response.', ''))).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'completed',
    ]);
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('is put together by the official client', async () => {
    gateway.services.turn = async function* () {
      yield routeDecided;
      yield { type: 'text-delta', text: 'Let me look.' };
      yield { type: 'tool-call-delta', index: 0, id: 'call_1', name: 'weather', arguments: '{"city"' };
      yield { type: 'tool-call-delta', index: 0, arguments: ':"Bern"}' };
      yield turnEnd({ reason: 'tool_calls' });
    };
    const streamed = await client.responses.stream({ model: 'trivium', input: 'Hi' }).finalResponse();
    const whole = await client.responses.create({ model: 'trivium', input: 'Hi' });

    const expected = [
      { type: 'message', content: [{ type: 'output_text', text: 'Let me look.' }] },
      { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{"city":"Bern"}' },
    ];
    expect(streamed.output).toMatchObject(expected);
    expect(whole.output).toMatchObject(expected);
  });

  it('says why it is not complete', async () => {
    gateway.services.turn = async function* () {
      yield routeDecided;
      yield { type: 'text-delta', text: 'Once upon' };
      yield turnEnd({ reason: 'length' });
    };
    const response = await client.responses.create({ model: 'trivium', input: 'Hi' });
    const events = [];
    for await (const event of await client.responses.create({ model: 'trivium', input: 'Hi', stream: true }))
      events.push(event);

    expect(response).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    });
    expect(events.at(-1)?.type).toBe('response.incomplete');
  });

  it('that fails midway ends with response.failed and what there was', async () => {
    gateway.services.turn = async function* () {
      yield routeDecided;
      yield { type: 'text-delta', text: 'So far' };
      throw new Error('private detail');
    };
    const reply = await gateway.post('/v1/responses', { input: 'Hi', stream: true });
    const events = [];
    for await (const { data } of sseEvents(reply)) events.push(ResponseEvent.parse(JSON.parse(data)));

    expect(events.at(-1)).toMatchObject({
      type: 'response.failed',
      response: {
        status: 'failed',
        error: { code: 'internal', message: expect.not.stringContaining('private') },
        output: [{ status: 'incomplete', content: [{ text: 'So far' }] }],
      },
    });
  });

  it('takes items: pictures become files of the session', async () => {
    await client.responses.create({
      model: 'trivium',
      input: [
        {
          role: 'user',
          content: [{ type: 'input_image', image_url: dataUrl('image/png', await png()), detail: 'auto' }],
        },
        { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c', output: 'done' },
      ],
    });
    const [stored] = gateway.services.files.keys();

    expect(gateway.services.turns[0]?.messages).toMatchObject([
      { role: 'user', content: [{ type: 'image', fileId: stored, path: 'input[0].content[0].image_url' }] },
      { role: 'assistant', toolCalls: [{ id: 'c', name: 'f', arguments: '{}' }] },
      { role: 'tool', toolCallId: 'c', content: [{ type: 'text', text: 'done' }] },
    ]);
  });

  it.each([
    ['background', { background: true }],
    ['include[0]', { include: ['reasoning.encrypted_content'] }],
    ['truncation', { truncation: 'auto' }],
    ['prompt', { prompt: { id: 'p' } }],
    ['tools[0].type', { tools: [{ type: 'web_search' }] }],
    [
      'input[0].content[0].file_url',
      { input: [{ role: 'user', content: [{ type: 'input_file', file_url: 'https://x/y.pdf' }] }] },
    ],
  ])('refuses %s by name', async (param, overrides) => {
    const response = await gateway.post('/v1/responses', { model: 'trivium', input: 'Hi', ...overrides });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param } });
  });

  it('is kept, shown and deleted', async () => {
    gateway.services.responses.set('resp_1', {
      id: 'resp_1',
      createdAt: 1_700_000_000,
      status: 'completed',
      model: 'fake-model',
      conversationId: 'conv_1',
      previousResponseId: null,
      finishReason: 'stop',
      usage: { inputTokens: 1, outputTokens: 2 },
      metadata: {},
      output: [
        {
          id: 'msg_1',
          role: 'assistant',
          status: 'completed',
          parts: [{ type: 'text', text: 'Kept.' }],
          sequence: 2,
          responseId: 'resp_1',
          createdAt: 1_700_000_000,
        },
      ],
    });
    const shown = await client.responses.retrieve('resp_1');
    const input = await client.responses.inputItems.list('resp_1');
    await gateway.fetch('/v1/responses/resp_1', { method: 'DELETE' });

    expect(shown).toMatchObject({ id: 'resp_1', output_text: 'Kept.', conversation: { id: 'conv_1' } });
    expect(input.data).toMatchObject([{ type: 'message', content: [{ type: 'input_text', text: 'asked' }] }]);
    await expect(client.responses.retrieve('resp_1')).rejects.toMatchObject({
      status: 404,
      code: 'not_found',
    });
  });
});

describe('a conversation', () => {
  it('is made, labelled, shown and deleted', async () => {
    const made = await client.conversations.create({ metadata: { topic: 'a' } });
    const updated = await client.conversations.update(made.id, { metadata: { topic: 'b' } });
    const deleted = await client.conversations.delete(made.id);

    expect(made).toMatchObject({ object: 'conversation', metadata: { topic: 'a' } });
    expect(updated.metadata).toEqual({ topic: 'b' });
    expect(deleted).toEqual({ id: made.id, object: 'conversation.deleted', deleted: true });
    await expect(client.conversations.retrieve(made.id)).rejects.toMatchObject({ status: 404 });
  });

  it('needs no body', async () => {
    const response = await gateway.fetch('/v1/conversations', { method: 'POST' });

    expect(response.status).toBe(200);
  });

  it('holds items in order, page by page', async () => {
    const { id } = await client.conversations.create({
      items: [{ type: 'message', role: 'user', content: 'one' }],
    });
    await client.conversations.items.create(id, {
      items: [
        { type: 'message', role: 'assistant', content: 'two' },
        { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c1', output: 'ok' },
      ],
    });
    const items = [];
    for await (const item of client.conversations.items.list(id, { order: 'asc', limit: 2 }))
      items.push(item);

    expect(items.map(({ type }) => type)).toEqual([
      'message',
      'message',
      'function_call',
      'function_call_output',
    ]);
    expect(items[0]).toMatchObject({ role: 'user', content: [{ type: 'input_text', text: 'one' }] });
    expect(items[1]).toMatchObject({ role: 'assistant', content: [{ type: 'output_text', text: 'two' }] });
    for (const item of items) {
      const shown = await client.conversations.items.retrieve(item.id ?? '', { conversation_id: id });
      expect(shown).toEqual(item);
    }
  });

  it('of another tenant does not exist', async () => {
    gateway.services.addKey('sk-trivium-stranger', { tenant: 'other' });
    const { id } = await client.conversations.create({});
    const response = await gateway.fetch(`/v1/conversations/${id}`, {
      headers: { authorization: 'Bearer sk-trivium-stranger' },
    });

    expect(response.status).toBe(404);
  });
});

describe('a file', () => {
  const upload = (bytes: Uint8Array, name = 'notes.txt', type = 'text/plain') =>
    client.files.create({
      file: new File([new Uint8Array(bytes)], name, { type }),
      purpose: 'user_data',
      expires_after: { anchor: 'created_at', seconds: 3_600 },
    });

  it('is uploaded, listed, read back as an attachment and deleted', async () => {
    const bytes = Buffer.from(Array.from({ length: 400_000 }, (_, index) => index % 251));
    const file = await upload(bytes, '报销 notes.bin', 'application/octet-stream');
    const listed = await client.files.list({ purpose: 'user_data' });
    const content = await gateway.fetch(`/v1/files/${file.id}/content`);

    expect(file).toMatchObject({
      object: 'file',
      bytes: 400_000,
      filename: '报销 notes.bin',
      status: 'processed',
    });
    expect(file.expires_at).toBeGreaterThan(Date.now() / 1_000);
    expect(listed.data.map(({ id }) => id)).toEqual([file.id]);
    expect(Buffer.from(await content.arrayBuffer()).equals(bytes)).toBe(true);
    expect(content.headers.get('content-disposition')).toMatch(/^attachment; filename\*=UTF-8''/);
    expect(content.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await client.files.delete(file.id)).toMatchObject({ deleted: true });
    await expect(client.files.retrieve(file.id)).rejects.toMatchObject({ status: 404 });
  });

  it('that is a damaged picture is refused', async () => {
    await expect(upload((await png(100, 100)).subarray(0, 50), 'a.png', 'image/png')).rejects.toMatchObject({
      status: 400,
      param: 'file',
    });
    await expect(upload(SVG, 'a.svg', 'image/svg+xml')).rejects.toMatchObject({ status: 400, param: 'file' });
  });

  it('needs a purpose and a form', async () => {
    const form = new FormData();
    form.append('file', new Blob(['x']), 'x.txt');
    const noPurpose = await gateway.fetch('/v1/files', { method: 'POST', body: form });
    const noForm = await gateway.post('/v1/files', { purpose: 'user_data' });

    expect(await noPurpose.json()).toMatchObject({ error: { param: 'purpose' } });
    expect(noForm.status).toBe(400);
  });
});

describe('models', () => {
  it('are the assistant and what the text service lists', async () => {
    gateway.services.models = [
      { id: 'org/big', task: 'generate', placement: 'remote', ownedBy: 'org', created: 5, ready: true },
    ];
    const ids = [];
    for await (const { id } of client.models.list()) ids.push(id);

    expect(ids).toEqual(['trivium', 'org/big']);
    expect(await client.models.retrieve('org/big')).toMatchObject({ owned_by: 'org' });
    expect(await (await gateway.fetch('/v1/models/org/big')).json()).toMatchObject({ id: 'org/big' });
    await expect(client.models.retrieve('none')).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
    });
  });
});

describe('documents', () => {
  const line = {
    quadrilateral: [
      [0, 0],
      [9, 0],
      [9, 9],
      [0, 9],
    ] as [[number, number], [number, number], [number, number], [number, number]],
    text: '价税合计',
    confidence: 0.99,
  };
  const reading = {
    pages: [{ page: 1, width: 10, height: 10, lines: [line] }],
    execution: [
      { model: 'm', variant: 'fp32', placement: 'cpu' as const, queueMs: 1, computeMs: 2, batchSize: 1 },
    ],
  };

  it('are read from a data URL, an upload or a form', async () => {
    const asked: object[] = [];
    gateway.services.documents = (request) => {
      asked.push(request);
      return reading;
    };
    const bytes = await png();
    const file = await client.files.create({
      file: new File([new Uint8Array(bytes)], 'scan.png', { type: 'image/png' }),
      purpose: 'vision',
    });
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(bytes)], { type: 'image/png' }), 'scan.png');
    form.append('pages', '1, 3');
    const answers = [
      await gateway.post('/v1/documents/ocr', { document: dataUrl('image/png', bytes), pages: [2] }),
      await gateway.post('/v1/documents/ocr', { file_id: file.id }),
      await gateway.fetch('/v1/documents/ocr', { method: 'POST', body: form }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await answers[0]?.json()).toMatchObject({
      object: 'document.text',
      pages: [{ lines: [{ text: '价税合计' }] }],
      execution: [{ queue_ms: 1, batch_size: 1 }],
    });
    expect(asked).toMatchObject([
      { path: 'document', pages: [2] },
      { path: 'file_id', filename: 'scan.png' },
      { path: 'file', filename: 'scan.png', pages: [1, 3] },
    ]);
  });

  it('yield invoices in snake case', async () => {
    const field = {
      value: '84.00',
      normalized: '84.00',
      confidence: 1,
      quadrilateral: null,
      page: 1,
      source: 'ocr' as const,
    };
    const none = {
      code: null,
      number: null,
      date: null,
      checkCode: null,
      buyerName: field,
      buyerTaxId: null,
    };
    gateway.services.invoices = () => ({
      ...reading,
      invoice: {
        documentType: { value: 'vat', confidence: 1 },
        fields: {
          ...none,
          sellerName: null,
          sellerTaxId: null,
          netAmount: null,
          taxAmount: null,
          totalInWords: null,
          total: field,
        },
        items: [],
        checks: [{ id: 'net-plus-tax-is-total', status: 'passed', message: 'ok' }],
        verdict: 'PASS',
        reasons: [],
      },
    });
    const response = await gateway.post('/v1/documents/invoices', {
      document: dataUrl('image/png', await png()),
    });

    expect(await response.json()).toMatchObject({
      object: 'document.invoice',
      invoice: {
        document_type: { value: 'vat' },
        fields: { buyer_name: { value: '84.00' }, check_code: null },
      },
    });
  });

  it.each([
    ['document', {}],
    ['document', { document: 'data:image/png;base64,AAAA', file_id: 'file_1' }],
    ['document', { document: dataUrl('image/svg+xml', SVG) }],
    ['document', { document: 'https://example.com/invoice.pdf' }],
    ['pages[0]', { document: 'data:image/png;base64,AAAA', pages: [0] }],
  ])('are refused by name: %s', async (param, body) => {
    const response = await gateway.post('/v1/documents/ocr', body);

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param } });
  });
});

describe('operations', () => {
  it('leads from the root to the documentation, without a key', async () => {
    const followed = await fetch(gateway.url);
    const root = await fetch(gateway.url, { redirect: 'manual' });

    expect(root.status).toBe(302);
    expect(root.headers.get('location')).toBe('/docs');
    expect(await root.text()).toContain('/openapi.json');
    expect(await followed.text()).toContain('<h1>Trivium API</h1>');
  });

  it('describe the API without a key', async () => {
    const document = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as { openapi: string };
    const page = await fetch(`${gateway.url}/docs`);
    const html = await page.text();

    expect(document.openapi).toBe('3.1.0');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(html).toContain('/v1/chat/completions');
    expect(html).not.toMatch(/<script|src=|https?:\/\/(?!localhost)/);
  });

  it('keep metrics off this port unless configured', async () => {
    expect((await gateway.fetch('/metrics')).status).toBe(404);
  });

  it('answer with the request id and the time it took', async () => {
    const response = await gateway.fetch('/v1/models', { headers: { authorization: `Bearer ${LOCAL_KEY}` } });

    expect(response.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{32}$/);
    expect(response.headers.get('openai-processing-ms')).toMatch(/^\d+$/);
  });
});
