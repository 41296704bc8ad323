import 'reflect-metadata';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PartOf, RequestOf } from '@trivium/contracts';
import { inferenceContracts } from '@trivium/contracts/inference';
import { generate, listTextModels } from '@trivium/contracts/text-inference';
import { startNats } from '@trivium/local-servers';
import { connectMessaging, type Messaging } from '@trivium/messaging';
import { quantize } from '@trivium/onnx';
import { decoderFiles, TINY_DECODER } from '@trivium/onnx/synthesis';
import { startInProcess } from '@trivium/platform/testing';
import { setLogLevel } from '@trivium/telemetry';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startTextInference } from '../dist/start.js';
import { textInferenceConfig } from '../src/text-inference.config.js';

setLogLevel('silent');

type Part = PartOf<typeof generate>;

const { loadModel, unloadModel, listRepository } = inferenceContracts['text-inference'];
const WINDOW = 512;
const stack = new AsyncDisposableStack();
let client: Messaging;
let models: string;

beforeAll(async () => {
  const nats = await startNats();
  stack.defer(() => nats.stop());
  models = await mkdtemp(join(tmpdir(), 'trivium-local-models-'));
  stack.defer(() => rm(models, { recursive: true, force: true }));
  // There is no fp32, which is the default variant: what there is serves.
  await write('writer', (files) => {
    const fp32 = files.get('model.fp32.onnx') ?? new Uint8Array();
    files.delete('model.fp32.onnx');
    files.set('model.int8.onnx', quantize(fp32, { variant: 'int8' }).bytes);
  });
  await write('mute', (files) => {
    const config = JSON.parse(Buffer.from(files.get('tokenizer_config.json') ?? []).toString()) as object;
    files.set('tokenizer_config.json', Buffer.from(JSON.stringify({ ...config, chat_template: undefined })));
  });
  stack.use(
    await startInProcess(
      {
        name: 'text-inference',
        config: textInferenceConfig,
        start: (context) => startTextInference(context, {}),
      },
      { NATS_URL: nats.url, MODELS_DIR: models, MODELS_CONTROL: 'poll', MODELS_POLL_MS: '100' },
    ),
  );
  client = stack.use(await connectMessaging({ name: 'test-client', servers: nats.url }));
});

afterAll(() => stack.disposeAsync());

async function write(id: string, change: (files: Map<string, Uint8Array>) => void): Promise<void> {
  const files = decoderFiles({ ...TINY_DECODER, positions: WINDOW }, 5, 'gqa');
  change(files);
  await mkdir(join(models, id, '1'), { recursive: true });
  for (const [name, bytes] of files) await writeFile(join(models, id, '1', name), bytes);
  const manifest = { id, task: 'generate', licence: 'Apache-2.0', platform: 'program' };
  await writeFile(join(models, id, 'model.yaml'), JSON.stringify(manifest));
}

const say = (text: string) => [{ role: 'user' as const, content: [{ type: 'text' as const, text }] }];

async function ask(request: Partial<RequestOf<typeof generate>>): Promise<Part[]> {
  const parts: Part[] = [];
  const whole = { model: 'writer', messages: say('Hello 你好'), ...request };
  for await (const part of client.stream(generate, whole)) parts.push(part);
  return parts;
}

const state = async (model: string): Promise<string | undefined> =>
  (await client.call(listRepository, { model })).models[0]?.versions[0]?.state;

describe('a language model of the repository', () => {
  it('answers in the variant that there is, and in the one that was asked for', async () => {
    const usual = await ask({ sampling: { maxTokens: 8, temperature: 0 } });
    const named = await ask({ model: 'writer@int8', sampling: { maxTokens: 8, temperature: 0 } });

    expect(usual.at(-1)).toMatchObject({ type: 'generation-end', usage: { outputTokens: 8 } });
    expect(named.at(-1)).toEqual(usual.at(-1));
    await expect(ask({ model: 'writer@fp16' })).rejects.toMatchObject({
      code: 'model_not_found',
      param: 'variant',
    });
    await expect(ask({ model: 'writer@best' })).rejects.toMatchObject({
      code: 'model_not_found',
      param: 'model',
    });
  });

  it('tells its window once it was loaded', async () => {
    const { models: listed } = await client.call(listTextModels, {});

    expect(listed.find(({ id }) => id === 'writer')).toMatchObject({
      contextWindow: WINDOW,
      placement: 'cpu',
    });
  });

  it('is unloaded and loaded by name', async () => {
    await client.call(unloadModel, { model: 'writer' });
    expect(await state('writer')).toBe('UNAVAILABLE');

    await client.call(loadModel, { model: 'writer', wait: true });
    expect(await state('writer')).toBe('READY');
  });

  it('ends no other when one request asks for what cannot be', async () => {
    const others = [1, 2, 3].map((seed) => ask({ sampling: { maxTokens: 60, temperature: 1, seed } }));
    const bias = { logitBias: { 999999: 5 } };

    await expect(ask({ sampling: bias })).rejects.toMatchObject({
      code: 'invalid_request',
      param: 'sampling.logitBias.999999',
    });
    for (const parts of await Promise.all(others)) {
      expect(parts.at(-1)).toMatchObject({ type: 'generation-end' });
    }
  });

  it('names what does not fit, with both numbers', async () => {
    await expect(ask({ messages: say('long '.repeat(WINDOW / 2)) })).rejects.toMatchObject({
      code: 'context_length_exceeded',
      param: 'messages',
      details: { contextWindow: WINDOW, tokens: expect.any(Number) as number },
    });
    // Megabytes are not tokenized to find that out.
    await expect(ask({ messages: say('long '.repeat(100 * WINDOW)) })).rejects.toMatchObject({
      code: 'context_length_exceeded',
      param: 'messages',
      details: { contextWindow: WINDOW, leastTokens: 100 * WINDOW },
    });
    await expect(ask({ sampling: { maxTokens: WINDOW } })).rejects.toMatchObject({
      code: 'context_length_exceeded',
      param: 'max_tokens',
      details: { contextWindow: WINDOW, maxTokens: WINDOW },
    });
  });

  it('sees no pictures and names the part', async () => {
    const image = { kind: 'inline' as const, mediaType: 'image/png', bytes: new Uint8Array(4) };
    const content = [
      { type: 'image' as const, image, detail: 'auto' as const, path: 'messages[0].content[0]' },
    ];

    await expect(ask({ messages: [{ role: 'user', content }] })).rejects.toMatchObject({
      code: 'unsupported_parameter',
      param: 'messages[0].content[0]',
    });
  });

  it('follows its settings', async () => {
    const path = join(models, 'writer', 'model.yaml');
    const manifest = JSON.parse(await readFile(path, 'utf8')) as object;
    const narrow = {
      ...manifest,
      max_worker_memory_mb: 64,
      instance_group: [{ kind: 'KIND_CPU', count: 2 }],
    };
    await writeFile(path, JSON.stringify(narrow));

    await vi.waitFor(
      () =>
        expect(ask({ sampling: { maxTokens: 2 } })).rejects.toMatchObject({
          code: 'model_not_available',
          message: expect.stringContaining('instance_group') as string,
        }),
      { timeout: 20_000, interval: 200 },
    );
    await writeFile(path, JSON.stringify(manifest));
    await vi.waitFor(async () => expect(await ask({ sampling: { maxTokens: 2 } })).not.toHaveLength(0), {
      timeout: 20_000,
      interval: 200,
    });
  });
});

it('does not take a version without a chat template', async () => {
  await expect(ask({ model: 'mute' })).rejects.toMatchObject({ code: 'model_not_available' });
});
