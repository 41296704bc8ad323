import type OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChatCompletionChunk } from '../src/chat/chat-completion.js';
import { routeDecided, saying, turnEnd } from './fake-services.js';
import { dataUrl, png } from './pictures.js';
import { type RunningGateway, startGateway } from './running-gateway.js';
import { sseEvents } from './sse.js';

const MESSAGES: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Hi' }];
const TOOL = { type: 'function', function: { name: 'f' } };
const HELLO = { model: 'trivium', messages: MESSAGES };

let gateway: RunningGateway;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});
beforeEach(() => {
  gateway.services.turn = saying('Hello', ' there');
  gateway.services.turns.length = 0;
});

describe('a chat completion', () => {
  it('is answered as a whole', async () => {
    const completion = await gateway.client.chat.completions.create(HELLO);

    expect(completion.choices[0]?.message.content).toBe('Hello there');
    expect(completion.choices[0]?.finish_reason).toBe('stop');
    expect(completion.usage).toEqual({ prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 });
    expect(completion.model).toBe('fake-model');
    expect(completion._request_id).toMatch(/^req_/);
  });

  it('leaves nothing of a large picture in the blob store', async () => {
    const { promise: deleted, resolve } = Promise.withResolvers<void>();
    const remove = gateway.messaging.blobs.delete.bind(gateway.messaging.blobs);
    const spy = vi.spyOn(gateway.messaging.blobs, 'delete').mockImplementation(async (binary) => {
      await remove(binary);
      resolve();
    });
    const url = dataUrl('image/png', Buffer.concat([await png(), Buffer.alloc(600 * 1024)]));
    const content = [{ type: 'image_url', image_url: { url } }];
    await gateway.post('/v1/chat/completions', { model: 'trivium', messages: [{ role: 'user', content }] });
    await deleted;
    spy.mockRestore();

    const part = gateway.services.turns.at(-1)?.messages[0]?.content[0];
    const picture = part?.type === 'image' ? part.image : undefined;
    expect(picture?.kind).toBe('blob');
    if (picture !== undefined) {
      await expect(gateway.messaging.blobs.get(picture)).rejects.toMatchObject({ code: 'not_found' });
    }
  });

  it('takes more small pictures than one message could carry', async () => {
    const bytes = Buffer.concat([await png(), Buffer.alloc(200 * 1024)]);
    const { id } = await gateway.client.files.create({
      file: new File([bytes], 'small.png'),
      purpose: 'vision',
    });
    const url = dataUrl('image/png', bytes);
    const response = await gateway.post('/v1/chat/completions', {
      model: 'trivium',
      messages: [
        {
          role: 'user',
          content: [
            ...Array.from({ length: 8 }, () => ({ type: 'image_url', image_url: { url } })),
            ...Array.from({ length: 8 }, () => ({ type: 'file', file: { file_id: id } })),
          ],
        },
      ],
    });
    const content = gateway.services.turns.at(-1)?.messages[0]?.content ?? [];
    const kinds = content.map((part) =>
      part.type === 'image' ? part.image.kind : part.type === 'file' ? part.file.kind : '',
    );

    expect(response.status).toBe(200);
    expect(kinds).toHaveLength(16);
    expect(new Set(kinds)).toEqual(new Set(['inline', 'blob']));
  });

  it('is streamed as chunks of one id, with usage when asked', async () => {
    const stream = await gateway.client.chat.completions.create({
      ...HELLO,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);

    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('Hello there');
    expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant');
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 18 } });
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  });

  it('streams events that are what the documentation says, and ends with [DONE]', async () => {
    const response = await gateway.post('/v1/chat/completions', { ...HELLO, stream: true });
    const events = [];
    for await (const { data } of sseEvents(response)) events.push(data);

    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    expect(events.pop()).toBe('[DONE]');
    for (const event of events)
      expect(ChatCompletionChunk.safeParse(JSON.parse(event)).error).toBeUndefined();
  });

  it('carries everything supported to the router', async () => {
    await gateway.client.chat.completions.create({
      model: 'some-model',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'text', text: 'Weather?' }], name: 'ann' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'call_1', content: 'sunny' },
      ],
      max_completion_tokens: 50,
      temperature: 0.5,
      top_p: 0.9,
      stop: 'END',
      seed: 7,
      presence_penalty: 0.1,
      frequency_penalty: 0.2,
      logit_bias: { '42': -100 },
      logprobs: true,
      top_logprobs: 3,
      ...{ top_k: 40, min_p: 0.05, repetition_penalty: 1.1 },
      reasoning_effort: 'low',
      tools: [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }],
      tool_choice: { type: 'function', function: { name: 'weather' } },
      parallel_tool_calls: false,
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object' } } },
    });

    expect(gateway.services.turns[0]).toEqual({
      model: 'some-model',
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
        { role: 'user', content: [{ type: 'text', text: 'Weather?' }], name: 'ann' },
        { role: 'assistant', content: [], toolCalls: [{ id: 'call_1', name: 'weather', arguments: '{}' }] },
        { role: 'tool', content: [{ type: 'text', text: 'sunny' }], toolCallId: 'call_1' },
      ],
      sampling: {
        maxTokens: 50,
        temperature: 0.5,
        topP: 0.9,
        stop: ['END'],
        seed: 7,
        presencePenalty: 0.1,
        frequencyPenalty: 0.2,
        logitBias: { '42': -100 },
        topLogprobs: 3,
        topK: 40,
        minP: 0.05,
        repetitionPenalty: 1.1,
        reasoningEffort: 'low',
      },
      tools: [{ name: 'weather', parameters: { type: 'object' } }],
      toolChoice: { name: 'weather' },
      parallelToolCalls: false,
      responseFormat: { type: 'json_schema', name: 'answer', schema: { type: 'object' } },
    });
  });

  it('hands on the calls that a model asks for, whole and streamed', async () => {
    gateway.services.turn = async function* () {
      yield routeDecided;
      yield { type: 'tool-call-delta', index: 0, id: 'call_a', name: 'weather', arguments: '{"city"' };
      yield { type: 'tool-call-delta', index: 0, arguments: ':"Bern"}' };
      yield { type: 'tool-call-delta', index: 1, id: 'call_b', name: 'time', arguments: '{}' };
      yield turnEnd({ reason: 'tool_calls' });
    };
    const whole = await gateway.client.chat.completions.create(HELLO);
    const streamed = await gateway.client.chat.completions.stream(HELLO).finalChatCompletion();

    const calls = [
      { id: 'call_a', type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } },
      { id: 'call_b', type: 'function', function: { name: 'time', arguments: '{}' } },
    ];
    expect(whole.choices[0]?.message).toMatchObject({ content: null, tool_calls: calls });
    expect(whole.choices[0]?.finish_reason).toBe('tool_calls');
    expect(streamed.choices[0]?.message.tool_calls).toMatchObject(calls);
  });

  it('accepts what has no effect by definition', async () => {
    const response = await gateway.post('/v1/chat/completions', {
      ...HELLO,
      user: 'ann',
      metadata: { a: 'b' },
      service_tier: 'auto',
      safety_identifier: 'x',
      prompt_cache_key: 'y',
      n: 1,
      logprobs: false,
      store: false,
      modalities: ['text'],
      temperature: null,
      tools: null,
    });

    expect(response.status).toBe(200);
    expect(gateway.services.turns[0]).not.toHaveProperty('tools');
  });

  it.each([
    ['store', { store: true }],
    ['audio', { audio: { voice: 'alloy', format: 'mp3' } }],
    ['modalities', { modalities: ['text', 'audio'] }],
    ['functions', { functions: [] }],
    ['web_search_options', { web_search_options: {} }],
    ['made_up', { made_up: 1 }],
    ['messages[0].color', { messages: [{ role: 'user', content: 'Hi', color: 'red' }] }],
    [
      'messages[0].content[1].input_audio',
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'Hear' },
              { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
            ],
          },
        ],
      },
    ],
  ])('refuses %s by name', async (param, overrides) => {
    const response = await gateway.post('/v1/chat/completions', { ...HELLO, ...overrides });
    const { error } = (await response.json()) as { error: object };

    expect(response.status).toBe(400);
    expect(error).toMatchObject({ code: 'unsupported_parameter', param, type: 'invalid_request_error' });
    expect(response.headers.get('x-should-retry')).toBe('false');
  });

  it.each([
    ['messages', { messages: undefined }],
    ['messages', { messages: [] }],
    ['temperature', { temperature: 3 }],
    ['messages[0].content[0].type', { messages: [{ role: 'user', content: [{ type: 'video' }] }] }],
    ['messages[0].role', { messages: [{ role: 'robot', content: 'Hi' }] }],
    [
      'messages[1].role',
      {
        messages: [
          { role: 'system', content: 'x' },
          { role: 'assistant', content: 'Hi' },
        ],
      },
    ],
    ['messages[0].role', { messages: [{ role: 'tool', content: 'x', tool_call_id: 'c' }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: '' }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: [] }] }],
    ['messages[0].content', { messages: [{ role: 'user' }] }],
    ['messages[1].content', { messages: [...MESSAGES, { role: 'assistant' }] }],
    ['messages[1].content', { messages: [...MESSAGES, { role: 'assistant', content: '', tool_calls: [] }] }],
    [
      'messages[1].tool_call_id',
      { messages: [...MESSAGES, { role: 'tool', content: 'x', tool_call_id: 'c' }] },
    ],
    ['messages[0].content', { messages: [{ role: 'user', content: 'half \ud83d' }] }],
    [
      'messages[0].content[0].text',
      { messages: [{ role: 'user', content: [{ type: 'text', text: '\udc00' }] }] },
    ],
    ['stop', { stop: Array.from({ length: 10_000 }, (_, index) => `stop ${index}`) }],
    ['stop[1]', { stop: ['x', 'y'.repeat(257)] }],
    ['stop', { stop: '' }],
    ['stop', { stop: 5 }],
    ['n', { n: 0 }],
    ['n', { n: 9 }],
    ['top_logprobs', { top_logprobs: 2 }],
    ['top_logprobs', { logprobs: true, top_logprobs: 21 }],
    ['top_k', { top_k: -1 }],
    ['min_p', { min_p: 1.5 }],
    ['repetition_penalty', { repetition_penalty: 0 }],
    ['tool_choice', { tool_choice: 'required' }],
    [
      'tool_choice.function.name',
      { tools: [TOOL], tool_choice: { type: 'function', function: { name: 'g' } } },
    ],
    ['tools[1].function.name', { tools: [TOOL, TOOL] }],
    ['tools[0].function.name', { tools: [{ type: 'function', function: { name: 'no spaces' } }] }],
    ['max_tokens', { max_tokens: 5, max_completion_tokens: 6 }],
    ['stream_options', { stream_options: { include_usage: true } }],
  ])('finds the fault in %s', async (param, overrides) => {
    const response = await gateway.post('/v1/chat/completions', { ...HELLO, ...overrides });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_request', param } });
  });
});
