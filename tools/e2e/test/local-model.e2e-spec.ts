import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decoderFiles, TINY_DECODER } from '@trivium/onnx/synthesis';
import type OpenAI from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestHouse, type TestHouse, trivium } from '../src/index.js';

/** Random weights write nonsense; what is looked at is that the whole way holds, and the form of what is written. */
const MODEL = 'tiny-writer';
const messages: OpenAI.ChatCompletionMessageParam[] = [
  { role: 'user', content: 'Say something. 说点什么。' },
];

let house: TestHouse;
beforeAll(async () => {
  house = await startTestHouse();
  const folder = join(house.home, 'sent', MODEL);
  await mkdir(folder, { recursive: true });
  for (const [name, bytes] of decoderFiles({ ...TINY_DECODER, positions: 1_024 }, 5, 'gqa')) {
    await writeFile(join(folder, name), bytes);
  }
  const manifest = {
    id: MODEL,
    task: 'generate',
    licence: 'Apache-2.0',
    description: 'Random weights.',
    platform: 'program',
  };
  await writeFile(join(folder, 'model.yaml'), JSON.stringify(manifest));
  expect(await trivium(house, 'add', folder)).toMatchObject({ code: 0 });
});
afterAll(() => house[Symbol.asyncDispose]());

async function streamed(body: Partial<OpenAI.ChatCompletionCreateParamsStreaming> = {}) {
  const stream = await house.client.chat.completions.create({
    model: MODEL,
    messages,
    max_tokens: 40,
    ...body,
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks: OpenAI.ChatCompletionChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
  return { chunks, text, usage: chunks.at(-1)?.usage };
}

it('lists the model and streams what it writes, the same alone and beside others', async () => {
  const listed = (await house.client.models.list()).data.find(({ id }) => id === MODEL);
  expect(listed).toMatchObject({ description: 'Random weights.' });
  const alone = await streamed();

  const together = await Promise.all([streamed(), streamed({ seed: 7, temperature: 1.2 }), streamed()]);

  expect(alone.usage).toMatchObject({ completion_tokens: 40 });
  expect(alone.chunks.length).toBeGreaterThan(10);
  expect(together[0].text).toBe(alone.text);
  expect(together[2].text).toBe(alone.text);
});

it('gives several choices and the probabilities of their tokens', async () => {
  const completion = await house.client.chat.completions.create({
    model: MODEL,
    messages,
    max_tokens: 6,
    n: 3,
    seed: 11,
    temperature: 1,
    logprobs: true,
    top_logprobs: 2,
  });

  expect(completion.choices.map(({ index }) => index)).toEqual([0, 1, 2]);
  for (const { logprobs } of completion.choices) {
    expect(logprobs?.content).toHaveLength(6);
    for (const { logprob, top_logprobs: top } of logprobs?.content ?? []) {
      expect(logprob).toBeLessThanOrEqual(0);
      expect(top).toHaveLength(2);
    }
  }
});

it('writes JSON by the schema and calls the tool that it must, whatever its weights say', async () => {
  const schema = {
    type: 'object',
    properties: { urgent: { type: 'boolean' }, level: { enum: ['low', 'high'] } },
    required: ['urgent', 'level'],
    additionalProperties: false,
  };
  const json = await house.client.chat.completions.create({
    model: MODEL,
    messages,
    response_format: { type: 'json_schema', json_schema: { name: 'ticket', schema, strict: true } },
  });
  const called = await house.client.chat.completions.create({
    model: MODEL,
    messages,
    tool_choice: 'required',
    parallel_tool_calls: false,
    tools: [
      {
        type: 'function',
        function: {
          name: 'set_light',
          parameters: {
            type: 'object',
            properties: { on: { type: 'boolean' } },
            required: ['on'],
            additionalProperties: false,
          },
        },
      },
    ],
  });

  expect(JSON.parse(json.choices[0]?.message.content ?? '')).toEqual({
    urgent: expect.any(Boolean),
    level: expect.stringMatching(/^(low|high)$/),
  });
  expect(called.choices[0]?.finish_reason).toBe('tool_calls');
  const [call] = called.choices[0]?.message.tool_calls ?? [];
  expect(call).toMatchObject({ type: 'function', function: { name: 'set_light' } });
  const { function: made } = call as OpenAI.ChatCompletionMessageFunctionToolCall;
  expect(JSON.parse(made.arguments)).toEqual({ on: expect.any(Boolean) });
});

it.each([
  ['messages', { messages: [{ role: 'user', content: '长'.repeat(3_000) }] }],
  ['max_tokens', { max_tokens: 100_000 }],
  ['tool_choice', { tool_choice: { type: 'function', function: { name: 'no_such_tool' } } }],
  [
    'response_format',
    { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'nonsense' } } } },
  ],
])('refuses what cannot be done and names %s', async (param, change) => {
  const refused = house.client.chat.completions.create({
    model: MODEL,
    messages,
    ...change,
  } as OpenAI.ChatCompletionCreateParamsNonStreaming);

  await expect(refused).rejects.toMatchObject({ status: 400, param: expect.stringContaining(param) });
});
