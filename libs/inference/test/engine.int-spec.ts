import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelManifest, type ModelManifestInput } from '@trivium/contracts/model-manifest';
import type { Tensor } from '@trivium/contracts/tensor';
import { type NatsProcess, startNats } from '@trivium/local-servers';
import { connectMessaging, type Messaging } from '@trivium/messaging';
import {
  addModel,
  denseClassifier,
  encoderModel,
  identityModel,
  slowModel,
  type SyntheticModel,
  unknownOperatorModel,
} from '@trivium/onnx/synthesis';
import { quantize } from '@trivium/onnx';
import { agreementOf } from '@trivium/serving';
import { setLogLevel } from '@trivium/telemetry';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inferenceConfig, type InferenceConfig } from '../dist/inference.config.js';
import type { Caller } from '../dist/engine/tensor-request.js';
import { type Inference, openInference } from '../dist/open-inference.js';
import { until } from './registry-kit.js';

setLogLevel('fatal');

let nats: NatsProcess;
let folder: string;
let stack: AsyncDisposableStack;

beforeAll(async () => {
  nats = await startNats();
});
afterAll(() => nats.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trivium-engine-'));
  stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
});
afterEach(() => stack.disposeAsync());

interface Replica {
  readonly inference: Inference;
  readonly messaging: Messaging;
}

/** An engine with a connection and a folder of its own. */
async function replica(config: Partial<Record<keyof InferenceConfig, string>> = {}): Promise<Replica> {
  const messaging = stack.use(await connectMessaging({ name: 'text-inference', servers: nats.url }));
  const own = await mkdtemp(join(folder, 'replica-'));
  const inference = stack.use(
    await openInference({
      service: 'text-inference',
      config: inferenceConfig.parse({ MODELS_DIR: own, MODELS_WORKERS: '1', ...config }),
      messaging,
      environment: {},
    }),
  );
  return { inference, messaging };
}

let count = 0;
const uniqueId = (name: string) => `${name}-${process.pid}-${count++}`;

function manifestOf(
  id: string,
  model: SyntheticModel,
  more: Partial<ModelManifestInput> = {},
): ModelManifest {
  return ModelManifest.parse({ ...model.manifest, id, licence: 'MIT', ...more });
}

/** Publishes a version through the upload of one replica, as a client does. */
async function upload(
  { inference }: Replica,
  id: string,
  models: Readonly<Record<string, Uint8Array>>,
): Promise<string> {
  const paths: Record<string, string> = {};
  for (const [name, bytes] of Object.entries(models)) {
    paths[name] = join(folder, `${id}-${count++}`);
    await writeFile(paths[name], bytes);
  }
  return inference.registry.publishVersion(id, 'next', paths);
}

function caller(tenant = 'default'): Caller {
  const { signal } = new AbortController();
  return { tenant, requestId: `req-${count++}`, priority: 'interactive', signal, remaining: () => 30_000 };
}

function floats(name: string, shape: number[], values: number[]): Tensor {
  return { name, datatype: 'FP32', shape, data: new Uint8Array(Float32Array.from(values).buffer) };
}
const valuesOf = (tensor: Tensor | undefined) =>
  tensor === undefined ? [] : [...new Float32Array(Uint8Array.from(tensor.data).buffer)];
const sum = (id: string, value: number) => ({
  model: id,
  inputs: [floats('a', [1, 4], Array<number>(4).fill(value)), floats('b', [1, 4], [1, 1, 1, 1])],
  cache: 'use' as const,
});

describe('a model', () => {
  it('published on one replica answers on all, loaded with the first request', async () => {
    const one = await replica();
    const other = await replica();
    const id = uniqueId('add');
    await one.inference.engine.put(manifestOf(id, addModel()));
    await upload(one, id, { 'model.fp32.onnx': addModel().bytes });
    await until(() => other.inference.engine.list().some((model) => model.id === id));

    for (const { inference } of [one, other]) {
      const answer = await inference.engine.infer(sum(id, 2), caller());
      expect(valuesOf(answer.outputs[0])).toEqual([3, 3, 3, 3]);
      expect(answer).toMatchObject({ model: id, version: '1', variant: 'fp32', cache: 'bypass' });
      expect(answer.explain).toMatchObject({ placement: 'cpu', batchSize: 1, batchMates: 1 });
      expect(answer.explain.loadMs).toBeGreaterThan(0);
    }
    const [{ versions = [] } = {}] = one.inference.engine.list(id);
    expect(versions[0]).toMatchObject({ state: 'READY', reason: '' });
    expect(versions[0]?.memoryBytes).toBeGreaterThan(10 * 1024 ** 2);
  });

  it('with a new version answers with the old one until the new one is ready', async () => {
    const one = await replica();
    const id = uniqueId('classifier');
    const model = denseClassifier();
    await one.inference.engine.put(manifestOf(id, model));
    await upload(one, id, { 'model.onnx': model.bytes });
    const request = {
      model: id,
      inputs: [floats('features', [1, 16], Array<number>(16).fill(1))],
      cache: 'use' as const,
    };
    expect(await one.inference.engine.infer(request, caller())).toMatchObject({ version: '1' });

    await upload(one, id, { 'model.onnx': denseClassifier({ seed: 99 }).bytes });
    const versions: string[] = [];
    await until(async () => {
      const { version } = await one.inference.engine.infer(request, caller());
      versions.push(version);
      return version === '2';
    }, 30_000);
    expect(new Set(versions)).toEqual(new Set(['1', '2']));
  });

  it('whose new version does not load goes on with the old one', async () => {
    const one = await replica();
    const id = uniqueId('add');
    await one.inference.engine.put(manifestOf(id, addModel()));
    await upload(one, id, { 'model.onnx': addModel().bytes });
    expect(await one.inference.engine.infer(sum(id, 1), caller())).toMatchObject({ version: '1' });
    await upload(one, id, { 'model.onnx': unknownOperatorModel().bytes });
    await until(
      () => one.inference.engine.list(id)[0]?.versions[1]?.reason.includes('load') === true,
      30_000,
    );

    expect(await one.inference.engine.infer(sum(id, 1), caller())).toMatchObject({ version: '1' });
    await expect(one.inference.engine.infer({ ...sum(id, 1), version: '2' }, caller())).rejects.toMatchObject(
      { code: 'model_not_available' },
    );
  });

  it('that is pinned keeps the version that serves, not the one before it', async () => {
    const one = await replica();
    const id = uniqueId('add');
    await one.inference.engine.put(manifestOf(id, addModel(), { keep_alive_ms: 0 }));
    await upload(one, id, { 'model.onnx': addModel().bytes });
    await one.inference.engine.update({ model: id, pinned: true });
    await one.inference.engine.infer(sum(id, 1), caller());
    expect(one.inference.engine.list(id)[0]?.versions).toMatchObject([{ state: 'READY' }]);

    await upload(one, id, { 'model.onnx': addModel().bytes });
    const versions = () => one.inference.engine.list(id)[0]?.versions;
    await until(() => versions()?.[1]?.state === 'READY' && versions()?.[0]?.state === 'UNAVAILABLE', 30_000);
    expect(versions()).toMatchObject([{ reason: 'outside the version policy' }, { reason: '' }]);
  });

  it('gives its memory back when it is unloaded, and loads again', async () => {
    const one = await replica();
    const id = uniqueId('add');
    await one.inference.engine.put(manifestOf(id, addModel()));
    await upload(one, id, { 'model.onnx': addModel().bytes });
    await one.inference.engine.load({ model: id, wait: true }, new AbortController().signal);
    expect(one.inference.engine.list(id)[0]?.versions[0]?.state).toBe('READY');
    const [version] = await one.inference.engine.unload({ model: id });

    expect(version).toMatchObject({ state: 'UNAVAILABLE', memoryBytes: 0 });
    expect(valuesOf((await one.inference.engine.infer(sum(id, 4), caller())).outputs[0])).toEqual([
      5, 5, 5, 5,
    ]);
  });

  it('whose manifest names no tensors shows those of its file once it was loaded', async () => {
    const one = await replica();
    const id = uniqueId('add');
    await one.inference.engine.put(manifestOf(id, addModel(), { input: [], output: [] }));
    await upload(one, id, { 'model.onnx': addModel().bytes });
    expect(valuesOf((await one.inference.engine.infer(sum(id, 4), caller())).outputs[0])).toEqual([
      5, 5, 5, 5,
    ]);

    expect(one.inference.engine.list(id)[0]?.manifest).toMatchObject({
      input: [
        { name: 'a', data_type: 'FP32', dims: [4] },
        { name: 'b', data_type: 'FP32', dims: [4] },
      ],
      output: [{ name: 'sum', data_type: 'FP32', dims: [4] }],
    });
  });

  it('that is not there, or not of this version, is named', async () => {
    const one = await replica();
    const id = uniqueId('add');
    await expect(one.inference.engine.infer(sum(id, 1), caller())).rejects.toMatchObject({
      code: 'model_not_found',
      param: 'model',
    });
    await one.inference.engine.put(manifestOf(id, addModel()));
    await expect(one.inference.engine.infer(sum(id, 1), caller())).rejects.toMatchObject({
      code: 'model_not_available',
    });
    await upload(one, id, { 'model.onnx': addModel().bytes });
    await expect(one.inference.engine.infer({ ...sum(id, 1), version: '7' }, caller())).rejects.toMatchObject(
      { code: 'model_not_found', param: 'version' },
    );
    await expect(
      one.inference.engine.infer({ ...sum(id, 1), variant: 'int8' }, caller()),
    ).rejects.toMatchObject({ code: 'model_not_found', param: 'variant' });
  });

  it('makes room for another one under the memory budget', async () => {
    const one = await replica({ MODELS_MEMORY_MB: '190' });
    const ids = [uniqueId('add'), uniqueId('add')];
    for (const id of ids) {
      await one.inference.engine.put(manifestOf(id, addModel()));
      await upload(one, id, { 'model.onnx': addModel().bytes });
      await one.inference.engine.infer(sum(id, 1), caller());
    }
    const states = ids.map((id) => one.inference.engine.list(id)[0]?.versions[0]?.state);

    expect(states).toEqual(['UNAVAILABLE', 'READY']);
  });
});

describe('instances of one model', () => {
  it('stand in for one that does not answer', async () => {
    const one = await replica();
    const id = uniqueId('add');
    const elsewhere = { kind: 'KIND_REMOTE', url: 'http://127.0.0.1:9', model: 'add' } as const;
    const here = { kind: 'KIND_CPU', count: 1 } as const;
    await one.inference.engine.put(manifestOf(id, addModel(), { instance_group: [elsewhere, here] }));
    await upload(one, id, { 'model.onnx': addModel().bytes });
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => one.inference.engine.infer(sum(id, 2), caller())),
    );

    expect(answers.map(({ outputs }) => valuesOf(outputs[0]))).toEqual(Array(8).fill([3, 3, 3, 3]));
    expect(new Set(answers.map(({ explain }) => explain.placement))).toEqual(new Set(['cpu']));
  });
});

describe('a variant', () => {
  it('is chosen by the request, and named by the answer', async () => {
    const one = await replica();
    const id = uniqueId('encoder');
    const { bytes, manifest } = encoderModel();
    await one.inference.engine.put(manifestOf(id, { bytes, manifest }));
    const int8 = quantize(bytes, { variant: 'int8', leastWeights: 1 }).bytes;
    await upload(one, id, { 'model.fp32.onnx': bytes, 'model.int8.onnx': int8 });
    const longs = (name: string): Tensor => ({
      name,
      datatype: 'INT64',
      shape: [1, 3],
      data: new Uint8Array(BigInt64Array.from([1n, 1n, 1n]).buffer),
    });
    const request = {
      model: id,
      inputs: [longs('input_ids'), longs('attention_mask')],
      cache: 'use' as const,
    };
    const usual = await one.inference.engine.infer(request, caller());
    const small = await one.inference.engine.infer({ ...request, variant: 'int8' }, caller());

    expect([usual.variant, small.variant]).toEqual(['fp32', 'int8']);
    expect(agreementOf('cosine', usual.outputs, small.outputs)).toBeGreaterThan(0.99);
  });

  it('changes under load where the policy says so, and back', async () => {
    const one = await replica();
    const id = uniqueId('slow');
    const { bytes, manifest } = slowModel();
    const variant_policy = {
      default: 'fp32',
      under_load: { variant: 'int8', above_queue_ms: 20, below_queue_ms: 5 },
    } as const;
    await one.inference.engine.put(manifestOf(id, { bytes, manifest }, { variant_policy }));
    // The same file under both names: what is tried here is who answers, not how well.
    await upload(one, id, { 'model.fp32.onnx': bytes, 'model.int8.onnx': bytes });
    const side = manifest.input?.find(({ name }) => name === 'x')?.dims ?? [];
    const elements = side.reduce((product, one) => product * one, 1);
    const request = {
      model: id,
      inputs: [
        floats('x', side, Array<number>(elements).fill(0.01)),
        { name: 'rounds', datatype: 'INT64', shape: [], data: new Uint8Array(BigInt64Array.of(200n).buffer) },
      ] satisfies Tensor[],
      cache: 'use' as const,
    };
    await one.inference.engine.infer(request, caller());
    const inFlight: Promise<string>[] = [];
    for (let index = 0; index < 64; index += 1) {
      inFlight.push(one.inference.engine.infer(request, caller()).then(({ variant }) => variant));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const busy = await Promise.all(inFlight);
    const calm = (await one.inference.engine.infer(request, caller())).variant;

    expect(new Set(busy)).toEqual(new Set(['fp32', 'int8']));
    expect(calm).toBe('fp32');
  });
});

describe('answers', () => {
  it('are kept where the manifest says so, for their tenant alone', async () => {
    const one = await replica();
    const id = uniqueId('add');
    await one.inference.engine.put(manifestOf(id, addModel(), { response_cache: { enable: true } }));
    await upload(one, id, { 'model.onnx': addModel().bytes });
    const ask = async (tenant: string, cache: 'use' | 'bypass' = 'use') =>
      (await one.inference.engine.infer({ ...sum(id, 3), cache }, caller(tenant))).cache;

    expect(await ask('a')).toBe('miss');
    expect(await ask('a')).toBe('hit');
    expect(await ask('b')).toBe('miss');
    expect(await ask('a', 'bypass')).toBe('bypass');
  });

  it('of identical work in flight are computed once, across replicas', async () => {
    const replicas = [await replica(), await replica()];
    const [first] = replicas;
    const id = uniqueId('add');
    await first?.inference.engine.put(manifestOf(id, addModel(), { response_cache: { enable: true } }));
    if (first !== undefined) await upload(first, id, { 'model.onnx': addModel().bytes });
    await until(() =>
      replicas.every(({ inference }) => inference.engine.list().some((model) => model.id === id)),
    );
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, index) =>
        replicas[index % 2]?.inference.engine.infer(sum(id, 7), caller()),
      ),
    );
    const inferences = replicas
      .flatMap(({ inference }) => inference.engine.statistics(id))
      .reduce((total, { inferenceCount }) => total + inferenceCount, 0);

    expect(answers.map((answer) => valuesOf(answer?.outputs[0]))).toEqual(Array(16).fill([8, 8, 8, 8]));
    expect(inferences).toBe(1);
  });
});

describe('an ensemble', () => {
  it('runs its steps with the names of its own values', async () => {
    const one = await replica();
    const [add, identity, both] = [uniqueId('add'), uniqueId('identity'), uniqueId('both')];
    await one.inference.engine.put(manifestOf(add, addModel()));
    await upload(one, add, { 'model.onnx': addModel().bytes });
    await one.inference.engine.put(manifestOf(identity, identityModel()));
    await upload(one, identity, { 'model.onnx': identityModel().bytes });
    await one.inference.engine.put(
      ModelManifest.parse({
        id: both,
        task: 'tensors',
        licence: 'MIT',
        platform: 'ensemble',
        max_batch_size: 8,
        input: [
          { name: 'left', data_type: 'FP32', dims: [4] },
          { name: 'right', data_type: 'FP32', dims: [4] },
        ],
        output: [{ name: 'result', data_type: 'FP32', dims: [4] }],
        ensemble_scheduling: {
          step: [
            { model_name: add, input_map: { a: 'left', b: 'right' }, output_map: { sum: 'middle' } },
            { model_name: identity, input_map: { x: 'middle' }, output_map: { y: 'result' } },
          ],
        },
      }),
    );
    const answer = await one.inference.engine.infer(
      {
        model: both,
        inputs: [floats('left', [1, 4], [1, 2, 3, 4]), floats('right', [1, 4], [1, 1, 1, 1])],
        cache: 'use',
      },
      caller(),
    );

    expect(answer.outputs.map(({ name }) => name)).toEqual(['result']);
    expect(valuesOf(answer.outputs[0])).toEqual([2, 3, 4, 5]);
    expect(answer.explain.steps?.map(({ model }) => model)).toEqual([add, identity]);
    expect(one.inference.engine.list(both)[0]).toMatchObject({ servingVersion: '1' });
  });
});

describe('a candidate version', () => {
  it('is compared with the serving one on copies of requests, and promoted', async () => {
    const one = await replica();
    const id = uniqueId('encoder');
    const model = encoderModel();
    await one.inference.engine.put(manifestOf(id, model));
    await upload(one, id, { 'model.onnx': model.bytes });
    await one.inference.engine.update({
      model: id,
      rollout: {
        candidate: '2',
        mode: 'shadow',
        percent: 100,
        samples: 5,
        metric: 'cosine',
        minAgreement: 0.99,
        maxLatencyRatio: 1_000,
        maxFailureRate: 0,
      },
    });
    await upload(one, id, { 'model.onnx': model.bytes, 'labels.txt': Buffer.from('the same, with labels') });
    const longs = (name: string, values: number[]): Tensor => ({
      name,
      datatype: 'INT64',
      shape: [1, values.length],
      data: new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer),
    });
    const served: string[] = [];
    await until(async () => {
      const { version } = await one.inference.engine.infer(
        {
          model: id,
          inputs: [longs('input_ids', [1, 2, 3]), longs('attention_mask', [1, 1, 1])],
          cache: 'use',
        },
        caller(),
      );
      served.push(version);
      return version === '2';
    }, 60_000);

    expect(served[0]).toBe('1');
    expect(one.inference.engine.list(id)[0]).toMatchObject({
      servingVersion: '2',
      rollout: { state: 'promoted', compared: 5 },
    });
  });

  it('that answers otherwise is rolled back, and nobody was served by it', async () => {
    const one = await replica();
    const id = uniqueId('classifier');
    await one.inference.engine.put(manifestOf(id, denseClassifier()));
    await upload(one, id, { 'model.onnx': denseClassifier().bytes });
    await one.inference.engine.update({
      model: id,
      rollout: {
        candidate: '2',
        mode: 'shadow',
        percent: 100,
        samples: 5,
        metric: 'max-absolute-error',
        minAgreement: 1e-3,
        maxLatencyRatio: 1_000,
        maxFailureRate: 0,
      },
    });
    await upload(one, id, { 'model.onnx': denseClassifier({ seed: 77 }).bytes });
    const served = new Set<string>();
    await until(async () => {
      const values = Array.from({ length: 16 }, (_, index) => index / 4);
      const request = { model: id, inputs: [floats('features', [1, 16], values)], cache: 'use' as const };
      served.add((await one.inference.engine.infer(request, caller())).version);
      return one.inference.engine.list(id)[0]?.rollout?.state === 'rolled-back';
    }, 60_000);

    expect(served).toEqual(new Set(['1']));
    expect(one.inference.engine.list(id)[0]).toMatchObject({ servingVersion: '1' });
  });
});
