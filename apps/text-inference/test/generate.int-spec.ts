import 'reflect-metadata';
import { DomainError, type PartOf, type RequestOf } from '@trivium/contracts';
import { generate, listTextModels } from '@trivium/contracts/text-inference';
import { freePort, type NatsProcess, startNats } from '@trivium/local-servers';
import { connectMessaging, type Messaging } from '@trivium/messaging';
import { startMicroservice } from '@trivium/platform';
import { startInProcess } from '@trivium/platform/testing';
import { setLogLevel } from '@trivium/telemetry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseModelsFile } from '../src/catalogue/models-file.js';
import { textInferenceConfig } from '../src/text-inference.config.js';
import { TextInferenceModule } from '../src/text-inference.module.js';
import { refuses, says, stream, text, Upstream } from './upstream.js';

setLogLevel('silent');

type Part = PartOf<typeof generate>;

let nats: NatsProcess;
let client: Messaging;
let first: Upstream;
let second: Upstream;
const stack = new AsyncDisposableStack();

beforeAll(async () => {
  nats = await startNats();
  stack.defer(() => nats.stop());
  first = stack.use(await Upstream.start());
  second = stack.use(await Upstream.start());
  stack.use(
    await startService(`
    models:
      - id: small
        placements:
          - { url: '${first.url}', name: here }
          - { url: '${second.url}', name: there, images: true }
      - id: lost
        placements: [{ url: 'http://127.0.0.1:${await freePort()}/v1' }]
  `),
  );
  client = stack.use(await connectMessaging({ name: 'test-client', servers: nats.url }));
});

afterAll(() => stack.disposeAsync());

const startService = (models: string): Promise<AsyncDisposable> =>
  startInProcess(
    {
      name: 'text-inference',
      config: textInferenceConfig,
      start: (context) => {
        const module = TextInferenceModule.register(
          parseModelsFile(models, 'text.yaml', {}),
          context.messaging,
        );
        return startMicroservice(module, context);
      },
    },
    { NATS_URL: nats.url },
  );

const ask = (content = 'hi', overrides: Partial<RequestOf<typeof generate>> = {}): AsyncIterable<Part> =>
  client.stream(generate, {
    messages: [{ role: 'user', content: [{ type: 'text', text: content }] }],
    ...overrides,
  });

async function collect(parts: AsyncIterable<Part>): Promise<Part[]> {
  const all: Part[] = [];
  for await (const part of parts) all.push(part);
  return all;
}

describe('text-inference over NATS', () => {
  it('lists what is configured', async () => {
    const { models } = await client.call(listTextModels, {});

    expect(models).toMatchObject([
      { id: 'small', task: 'generate', placement: 'remote', ready: true },
      { id: 'lost', placement: 'remote' },
    ]);
  });

  it('streams from the first model when none is named', async () => {
    first.will(says('一。', '二'));

    expect(await collect(ask())).toEqual([
      { type: 'generation-start', model: 'small', placement: 'here' },
      { type: 'text-delta', text: '一' },
      { type: 'text-delta', text: '。', sentenceEnd: true },
      { type: 'text-delta', text: '二' },
      { type: 'generation-end', reason: 'stop', usage: { inputTokens: 3, outputTokens: 2 } },
    ]);
  });

  it('falls back before the first token', async () => {
    first.will(refuses(503));
    second.will(says('from there'));

    expect((await collect(ask()))[0]).toMatchObject({ placement: 'there' });
  });

  it('sends a picture only where pictures are accepted, large ones by way of the blob store', async () => {
    const bytes = new Uint8Array(400 * 1024).fill(7);
    const image = await client.blobs.put(bytes, 'image/png');
    second.will(says('a field of sevens'));
    const before = first.calls.length;

    const [start] = await collect(
      ask('', {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'image', image },
              { type: 'text', text: 'what?' },
            ],
          },
        ],
      }),
    );

    expect(image.kind).toBe('blob');
    expect(start).toMatchObject({ placement: 'there' });
    expect(first.calls).toHaveLength(before);
    expect(JSON.stringify(second.calls.at(-1)?.body)).toContain(
      `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`,
    );
  });

  it.each([
    ['nobody', 'model_not_found', undefined],
    ['lost', 'unavailable', 2_000],
  ])('answers for the model %s with %s', async (model, code, retryAfterMs) => {
    const error: unknown = await collect(ask('hi', { model })).catch((reason: unknown) => reason);

    expect(DomainError.is(error) && error).toMatchObject({ code, retryAfterMs });
  });

  it('frees the upstream when the caller leaves', async () => {
    first.will((response) => {
      stream(response);
      response.write(text('once upon'));
    });
    for await (const part of ask('a story')) {
      if (part.type === 'text-delta') break;
    }
    const leftAt = performance.now();

    await first.calls.at(-1)?.left;
    expect(performance.now() - leftAt).toBeLessThan(1_000);
  });
});
