import { createHash, randomBytes } from 'node:crypto';
import { DomainError } from '@trivium/contracts';
import type { InferenceService } from '@trivium/contracts/model-manifest';
import { connectMessaging, type Messaging } from '@trivium/messaging';
import {
  Health,
  loadConfig,
  platformConfig,
  type RunningService,
  startMicroservice,
} from '@trivium/platform';
import { createLogger } from '@trivium/telemetry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { manifestOf, ModelServiceDouble, modelServicesModule } from './admin-models-services.js';
import { type RunningGateway, startGateway } from './running-gateway.js';

const PLAIN_KEY = 'sk-trivium-key-without-scopes';
const INLINE_LIMIT = 256 * 1024;

let gateway: RunningGateway;
let messaging: Messaging;
let running: RunningService;
let text: ModelServiceDouble;
let vision: ModelServiceDouble;

/** Services of a fleet of which one may be away. */
async function start(...services: readonly InferenceService[]): Promise<ModelServiceDouble[]> {
  gateway = await startGateway();
  const natsUrl = gateway.nats.url;
  messaging = await connectMessaging({ name: 'models', servers: natsUrl, logger: createLogger('models') });
  const doubles = services.map((service) => new ModelServiceDouble(service, messaging.blobs));
  running = await startMicroservice(modelServicesModule(doubles), {
    name: 'models',
    config: loadConfig(platformConfig, { NATS_URL: natsUrl }),
    messaging,
    health: new Health({ cacheMs: 0 }),
    logger: createLogger('models'),
    stopping: new AbortController().signal,
  });
  return doubles;
}

async function stop(): Promise<void> {
  await running.drain?.(0);
  await running[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
  await messaging[Symbol.asyncDispose]();
}

const json = async (response: Response) => (await response.json()) as Record<string, unknown>;
const patch = (path: string, body: unknown) =>
  gateway.fetch(path, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const remove = (path: string) => gateway.fetch(path, { method: 'DELETE' });
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe('model administration', () => {
  beforeEach(async () => {
    const [first, second] = await start('text-inference', 'vision-inference', 'speech-inference');
    text = first as ModelServiceDouble;
    vision = second as ModelServiceDouble;
  });
  afterEach(stop);

  describe('models', () => {
    it('of all services are listed, by id', async () => {
      vision.add(manifestOf({ id: 'a-classifier', task: 'classify-image' }), '1', '2');
      text.add(manifestOf(), '3');

      expect(await json(await gateway.fetch('/admin/models'))).toMatchObject({
        data: [
          { id: 'a-classifier', service: 'vision-inference', serving_version: '2' },
          {
            id: 'tiny-embedder',
            service: 'text-inference',
            versions: [{ version: '3', memory_bytes: 1_000 }],
          },
        ],
        services_away: [],
      });
    });

    it('are made in the service that does the task', async () => {
      const manifest = { id: 'new-clip', task: 'embed-image', licence: 'MIT' };
      const response = await gateway.post('/admin/models', { manifest });

      expect(response.status).toBe(200);
      expect(await json(response)).toMatchObject({
        id: 'new-clip',
        service: 'vision-inference',
        versions: [],
      });
      expect([...vision.models.keys()]).toEqual(['new-clip']);
    });

    it('stay in the service where their versions are', async () => {
      text.add(manifestOf(), '1');
      const response = await gateway.post('/admin/models', {
        manifest: { id: 'tiny-embedder', task: 'embed-image', licence: 'MIT' },
      });

      expect(response.status).toBe(409);
      expect(await json(response)).toMatchObject({ error: { code: 'conflict', param: 'manifest.task' } });
    });

    it.each([
      [
        { dynamic_batching: { max_queue_delay_microseconds: -1 } },
        'manifest.dynamic_batching.max_queue_delay_microseconds',
      ],
      [{ instance_group: [{ kind: 'KIND_CPU', threads: 99 }] }, 'manifest.instance_group[0].threads'],
      [{ max_batch: 4 }, 'manifest.max_batch'],
      [{ id: 'Upper' }, 'manifest.id'],
      [{ id: 'catalog' }, 'manifest.id'],
    ])('whose manifest is wrong are refused, with the field: %j', async (fault, param) => {
      const manifest = { id: 'm', task: 'embed', licence: 'MIT', ...fault };
      const response = await gateway.post('/admin/models', { manifest });

      expect(response.status).toBe(400);
      expect(await json(response)).toMatchObject({ error: { param } });
    });

    it('that do not exist are not found', async () => {
      const response = await gateway.fetch('/admin/models/unheard-of');

      expect(response.status).toBe(404);
      expect(await json(response)).toMatchObject({ error: { code: 'model_not_found', param: 'model' } });
    });

    it('change labels, traffic, rollout and pinning, one by one', async () => {
      text.add(manifestOf(), '1', '2');
      await patch('/admin/models/tiny-embedder', { labels: { stable: '1', old: '1' } });
      await patch('/admin/models/tiny-embedder', { labels: { old: null }, pinned: true });
      const traffic = [
        { version: '1', percent: 90 },
        { version: '2', percent: 10 },
      ];
      const rollout = { candidate: '2', mode: 'shadow', min_agreement: 0.95 };
      const changed = await json(await patch('/admin/models/tiny-embedder', { traffic, rollout }));

      expect(changed).toMatchObject({
        labels: { stable: '1' },
        pinned: true,
        traffic,
        rollout: {
          state: 'running',
          rule: { candidate: '2', min_agreement: 0.95, max_latency_ratio: 1.5, samples: 100 },
          agreement: 0.999,
          latency_ratio: null,
        },
      });
      expect(await json(await patch('/admin/models/tiny-embedder', { rollout: null }))).toMatchObject({
        rollout: null,
      });
    });

    it('change their manifest, and nothing when nothing is sent', async () => {
      text.add(manifestOf(), '1');
      const manifest = { id: 'tiny-embedder', task: 'embed', licence: 'MIT', max_batch_size: 8 };
      const changed = await patch('/admin/models/tiny-embedder', { manifest });
      const empty = await patch('/admin/models/tiny-embedder', {});
      const renamed = await patch('/admin/models/tiny-embedder', { manifest: { ...manifest, id: 'other' } });

      expect(await json(changed)).toMatchObject({
        manifest: { max_batch_size: 8 },
        versions: [{ version: '1' }],
      });
      expect(empty.status).toBe(400);
      expect(await json(renamed)).toMatchObject({ error: { param: 'manifest.id' } });
    });

    it('are deleted, whole or by version', async () => {
      text.add(manifestOf(), '1', '2');
      const version = await json(await remove('/admin/models/tiny-embedder/versions/1'));
      const whole = await json(await remove('/admin/models/tiny-embedder'));

      expect(version).toMatchObject({ deleted: true, removed_versions: ['1'] });
      expect(whole).toMatchObject({ id: 'tiny-embedder', deleted: true, removed_versions: ['2'] });
      expect(text.models.size).toBe(0);
    });

    it('are shown to nobody without the scope', async () => {
      gateway.services.addKey(PLAIN_KEY);
      const response = await gateway.fetch('/admin/models', {
        headers: { authorization: `Bearer ${PLAIN_KEY}` },
      });

      expect(response.status).toBe(403);
    });
  });

  describe('work on a model', () => {
    beforeEach(() => void text.add(manifestOf(), '1'));

    it('loads and unloads it', async () => {
      const loading = await gateway.post('/admin/models/tiny-embedder/load', {
        version: 'stable',
        wait: false,
      });
      const unloaded = await gateway.fetch('/admin/models/tiny-embedder/unload', { method: 'POST' });

      expect(await json(loading)).toMatchObject({
        data: [{ state: 'LOADING', loading: { state: 'warming', progress: 0.5, eta_ms: 200 } }],
      });
      expect(await json(unloaded)).toMatchObject({ data: [{ state: 'UNAVAILABLE', loading: null }] });
      expect(text.asked).toContainEqual({ model: 'tiny-embedder', version: 'stable', wait: false });
    });

    it('inspects it, with the names of operators as they are', async () => {
      const response = await gateway.post('/admin/models/tiny-embedder/inspect', { variant: 'int8' });

      expect(await json(response)).toMatchObject({ inspection: { operators: { MatMul: 12 } } });
      expect(text.asked).toContainEqual({ model: 'tiny-embedder', variant: 'int8' });
    });

    it('profiles it, as a summary or as the trace itself', async () => {
      const path = '/admin/models/tiny-embedder/profile';
      const summary = await gateway.post(path, { batch_size: 4 });
      const trace = await gateway.post(path, { format: 'trace' });

      expect(await json(summary)).toMatchObject({ operators: [{ operator: 'MatMul', ms: 3 }] });
      expect(text.asked).toContainEqual(expect.objectContaining({ batchSize: 4, runs: 10, length: 128 }));
      expect(trace.headers.get('content-disposition')).toContain('tiny-embedder.trace.json');
      expect(JSON.parse(await trace.text())).toEqual([{ ph: 'X' }]);
    });

    it('counts what it did', async () => {
      const response = await gateway.fetch('/admin/models/tiny-embedder/stats?version=1');

      expect(await json(response)).toMatchObject({
        data: [{ inference_count: 4, batch_stats: [{ batch_size: 2 }], release_reasons: { queueEmpty: 2 } }],
      });
    });

    it('names a fault as the client wrote the field', async () => {
      text.failure = new DomainError('invalid_request', 'too many', { param: 'batchSize' });
      const response = await gateway.post('/admin/models/tiny-embedder/profile', { batch_size: 200 });

      expect(response.status).toBe(400);
      expect(await json(response)).toMatchObject({ error: { param: 'batch_size' } });
    });
  });

  describe('an upload', () => {
    const weights = randomBytes(150);
    const card = Buffer.from('{}');
    const files = {
      'model.fp32.onnx': { sha256: sha256(weights), bytes: weights.length },
      'README.md': { sha256: sha256(card), bytes: card.length },
    };
    const put = (id: unknown, path: string, index: number, part: Buffer) =>
      gateway.fetch(`/admin/model-uploads/${String(id)}/parts/${index}?path=${encodeURIComponent(path)}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/octet-stream' },
        body: new Uint8Array(part),
      });
    const open = async () => json(await gateway.post('/admin/models/tiny-embedder/uploads', { files }));

    beforeEach(() => void text.add(manifestOf(), '1'));

    it('arrives by parts, in any order, and becomes a version', async () => {
      const { id, part_bytes: partBytes } = await open();
      const second = await json(await put(id, 'model.fp32.onnx', 2, weights.subarray(128)));
      await put(id, 'README.md', 0, card);
      await put(id, 'model.fp32.onnx', 0, weights.subarray(0, 64));
      const half = await json(await gateway.fetch(`/admin/model-uploads/${String(id)}`));
      const early = await gateway.post(`/admin/model-uploads/${String(id)}/complete`, {});
      await put(id, 'model.fp32.onnx', 1, weights.subarray(64, 128));
      const published = await gateway.fetch(`/admin/model-uploads/${String(id)}/complete`, {
        method: 'POST',
      });

      expect(partBytes).toBe(64);
      expect(second).toEqual({ object: 'model.upload.part', received: 1, expected: 3 });
      expect(half).toMatchObject({ received: { 'model.fp32.onnx': [0, 2], 'README.md': [0] }, files });
      expect(early.status).toBe(400);
      expect(await json(published)).toMatchObject({ versions: [{ version: '1' }, { version: '1' }] });
    });

    it('has parts larger than a message, which are not kept', async () => {
      const { id } = await open();
      const part = randomBytes(INLINE_LIMIT + 1);
      const response = await put(id, 'model.fp32.onnx', 0, part);

      expect(response.status).toBe(200);
      expect(text.asked.at(-1)).toMatchObject({ kind: 'blob' });
      expect(Buffer.from(text.parts.get('upl_1/model.fp32.onnx/0') ?? []).equals(part)).toBe(true);
    });

    it('may be forgotten', async () => {
      const { id } = await open();

      expect(await json(await remove(`/admin/model-uploads/${String(id)}`))).toMatchObject({
        cancelled: true,
      });
      expect((await gateway.fetch(`/admin/model-uploads/${String(id)}`)).status).toBe(404);
    });

    it.each([
      ['has a path that leaves the folder', { '../../etc/passwd': { sha256: 'a'.repeat(64), bytes: 1 } }],
      ['has no file', {}],
      ['has a checksum that is none', { 'model.onnx': { sha256: 'abc', bytes: 1 } }],
    ])('that %s is refused', async (_what, wrong) => {
      const response = await gateway.post('/admin/models/tiny-embedder/uploads', { files: wrong });

      expect(response.status).toBe(400);
      expect(JSON.stringify(await json(response))).toContain('files');
    });

    it.each([
      ['JSON', 'application/json', '{}'],
      ['text', 'text/plain', 'weights'],
    ])('takes no part as %s', async (_what, type, body) => {
      const { id } = await open();
      const path = `/admin/model-uploads/${String(id)}/parts/0?path=model.fp32.onnx`;
      const response = await gateway.fetch(path, { method: 'PUT', headers: { 'content-type': type }, body });

      expect([400, 415]).toContain(response.status);
      expect(text.parts.size).toBe(0);
    });

    it('needs a number and a path for each part', async () => {
      const { id } = await open();
      const at = (rest: string) => `/admin/model-uploads/${String(id)}/parts/${rest}`;
      const headers = { 'content-type': 'application/octet-stream' };
      const answers = await Promise.all(
        ['x?path=model.fp32.onnx', '0', '0?path=/etc/passwd'].map(async (rest) =>
          json(await gateway.fetch(at(rest), { method: 'PUT', headers, body: 'part' })),
        ),
      );

      expect(answers.map(({ error }) => (error as { param: string }).param)).toEqual([
        'index',
        'path',
        'path',
      ]);
    });

    it('of nobody is not found', async () => {
      expect((await gateway.fetch('/admin/model-uploads/upl_1')).status).toBe(404);
    });
  });

  describe('the market', () => {
    it('shows what may be pulled', async () => {
      vision.catalogue.push(manifestOf({ id: 'resnet', task: 'classify-image' }));
      text.catalogue.push(manifestOf({ id: 'minilm' }));
      const { data } = (await json(await gateway.fetch('/admin/models/catalog'))) as {
        data: { id: string }[];
      };

      expect(data.map(({ id }) => id)).toEqual(['minilm', 'resnet']);
    });

    it('pulls through the service that will run the model', async () => {
      vision.catalogue.push(manifestOf({ id: 'resnet', task: 'classify-image' }));
      const body = { model: 'resnet', allow_non_commercial: true };
      const job = await json(await gateway.post('/admin/models/pull', body));

      expect(job).toMatchObject({ id: 'vision-inference.job_1', kind: 'pull', state: 'running' });
      expect(vision.asked).toContainEqual({ model: 'resnet', allowNonCommercial: true });
    });

    it('hands on why a licence stands in the way', async () => {
      vision.catalogue.push(manifestOf({ id: 'face', task: 'embed-face' }));
      vision.failure = new DomainError('permission_denied', 'The licence is X.', {
        param: 'allow_non_commercial',
      });
      const response = await gateway.post('/admin/models/pull', { model: 'face' });

      expect(response.status).toBe(403);
      expect(await json(response)).toMatchObject({ error: { param: 'allow_non_commercial' } });
    });

    it('does not have everything', async () => {
      const response = await gateway.post('/admin/models/pull', { model: 'gpt-9' });

      expect(response.status).toBe(404);
    });

    it('shows jobs of all services, and one by its id', async () => {
      text.add(manifestOf(), '1');
      const quantize = await json(
        await gateway.post('/admin/models/tiny-embedder/quantize', { variant: 'int8' }),
      );
      vision.job('pull', 'resnet', {
        createdAt: 1,
        state: 'succeeded',
        result: { version: '2' },
        finishedAt: 5,
      });
      const { data } = (await json(await gateway.fetch('/admin/model-jobs'))) as { data: object[] };
      const one = await json(await gateway.fetch(`/admin/model-jobs/${String(quantize['id'])}`));

      expect(data).toMatchObject([
        { id: 'text-inference.job_1', kind: 'quantize' },
        { id: 'vision-inference.job_1', result: { version: '2' }, finished_at: 5 },
      ]);
      expect(one).toMatchObject({ id: 'text-inference.job_1', finished_at: null, result: null, error: null });
    });

    it('cancels a job', async () => {
      text.job('pull', 'minilm');

      expect(await json(await remove('/admin/model-jobs/text-inference.job_1'))).toMatchObject({
        state: 'cancelled',
      });
      expect((await remove('/admin/model-jobs/text-inference.job_9')).status).toBe(404);
      expect((await remove('/admin/model-jobs/job_9')).status).toBe(404);
    });
  });
});

describe('with a service away', () => {
  beforeEach(async () => {
    [text] = (await start('text-inference')) as [ModelServiceDouble];
    text.add(manifestOf(), '1');
  });
  afterEach(stop);

  it('what the others have is shown, and whose is missing', async () => {
    expect(await json(await gateway.fetch('/admin/models'))).toMatchObject({
      data: [{ id: 'tiny-embedder' }],
      services_away: ['vision-inference', 'speech-inference'],
    });
  });

  it('an unknown model may be one of its own, so nobody says that it does not exist', async () => {
    const unknown = await gateway.fetch('/admin/models/resnet');
    const known = await gateway.fetch('/admin/models/tiny-embedder');

    expect(unknown.status).toBe(503);
    expect(unknown.headers.get('retry-after')).toBe('1');
    expect(known.status).toBe(200);
  });
});
