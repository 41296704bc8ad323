import { DomainError } from '@trivium/contracts';
import type OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ResponseEvent } from '../src/responses/response-event.js';
import { routeDecided, saying, turnEnd } from './fake-services.js';
import { dataUrl, png } from './pictures.js';
import { type RunningGateway, startGateway } from './running-gateway.js';
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
    ['n', { n: 2 }],
    ['top_logprobs', { top_logprobs: 2 }],
    ['top_k', { top_k: -1 }],
    ['input', { input: '' }],
    ['input', { input: [] }],
    ['input', { input: 'half \ud83d' }],
    ['input[0].content', { input: [{ role: 'user', content: [] }] }],
    ['input[0].role', { input: [{ role: 'robot', content: 'Hi' }] }],
    ['instructions', { instructions: '\udc00' }],
    ['tool_choice', { tool_choice: 'required' }],
    ['tool_choice.name', { tool_choice: { type: 'function', name: 'g' } }],
    [
      'tools[1].name',
      {
        tools: [
          { type: 'function', name: 'f' },
          { type: 'function', name: 'f' },
        ],
      },
    ],
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

  it.each([
    ['messages', 'input'],
    ['max_tokens', 'max_output_tokens'],
    ['response_format.json_schema.schema', 'text.format.schema'],
    ['tools[0].function.parameters', 'tools[0].parameters'],
    ['reasoning_effort', 'reasoning.effort'],
    ['input[0].content[1].image_url', 'input[0].content[1].image_url'],
  ])('that fails because of %s blames %s', async (param, expected) => {
    gateway.services.turn = async function* () {
      yield routeDecided;
      throw new DomainError('invalid_request', 'No.', { param });
    };
    const response = await gateway.post('/v1/responses', { model: 'trivium', input: 'Hi' });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: expected, message: 'No.' } });
  });

  it('takes what other servers call their sampling', async () => {
    await gateway.post('/v1/responses', { input: 'Hi', top_k: 5, min_p: 0.1, repetition_penalty: 1.2 });

    expect(gateway.services.turns[0]?.sampling).toEqual({ topK: 5, minP: 0.1, repetitionPenalty: 1.2 });
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
