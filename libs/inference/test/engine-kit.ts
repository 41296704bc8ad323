import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelManifest, type ModelManifestInput } from '@trivium/contracts/model-manifest';
import type { Tensor } from '@trivium/contracts/tensor';
import { type NatsProcess, startNats } from '@trivium/local-servers';
import { connectMessaging } from '@trivium/messaging';
import type { SyntheticModel } from '@trivium/onnx/synthesis';
import { setLogLevel } from '@trivium/telemetry';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Caller } from '../dist/engine/tensor-request.js';
import { inferenceConfig, type InferenceConfig } from '../dist/inference.config.js';
import { type Inference, type InferenceOptions, openInference } from '../dist/open-inference.js';

let count = 0;

/** A nats-server for the tests of a file; the engines of each test are closed with it. */
export function engines() {
  let nats: NatsProcess;
  let folder: string;
  let stack: AsyncDisposableStack;

  beforeAll(async () => {
    setLogLevel('fatal');
    nats = await startNats();
  });
  afterAll(() => nats.stop());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trivium-engine-'));
    stack = new AsyncDisposableStack();
    stack.defer(() => rm(folder, { recursive: true, force: true }));
  });
  afterEach(() => stack.disposeAsync());

  return {
    /** An engine with a connection and a folder of its own; without the models that come with the program. */
    async replica(
      config: Partial<Record<keyof InferenceConfig, string>> = {},
      options: Partial<Pick<InferenceOptions, 'bundled' | 'programs'>> = {},
    ): Promise<Inference> {
      const messaging = stack.use(await connectMessaging({ name: 'text-inference', servers: nats.url }));
      const own = await mkdtemp(join(folder, 'replica-'));
      return stack.use(
        await openInference({
          service: 'text-inference',
          config: inferenceConfig.parse({ MODELS_DIR: own, MODELS_WORKERS: '1', ...config }),
          messaging,
          environment: {},
          bundled: await mkdtemp(join(folder, 'bundled-')),
          ...options,
        }),
      );
    },
    /** Makes the files the next version of the model. */
    async publish(
      { registry }: Inference,
      id: string,
      files: Readonly<Record<string, Uint8Array>>,
    ): Promise<string> {
      const paths: Record<string, string> = {};
      for (const [name, bytes] of Object.entries(files)) {
        paths[name] = join(folder, `${id}-${count++}`);
        await writeFile(paths[name], bytes);
      }
      return registry.publishVersion(id, 'next', paths);
    },
  };
}

export const uniqueId = (name: string) => `${name}-${process.pid}-${count++}`;

export function manifestOf(
  id: string,
  model: SyntheticModel,
  more: Partial<ModelManifestInput> = {},
): ModelManifest {
  return ModelManifest.parse({ ...model.manifest, id, licence: 'MIT', ...more });
}

export function caller(tenant = 'default'): Caller {
  const { signal } = new AbortController();
  return { tenant, requestId: `req-${count++}`, priority: 'interactive', signal, remaining: () => 30_000 };
}

export function floats(name: string, shape: number[], values: number[]): Tensor {
  return { name, datatype: 'FP32', shape, data: new Uint8Array(Float32Array.from(values).buffer) };
}

/** One item of whole numbers. */
export function longs(name: string, values: number[]): Tensor {
  const data = new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer);
  return { name, datatype: 'INT64', shape: [1, values.length], data };
}

export const valuesOf = (tensor: Tensor | undefined) =>
  tensor === undefined ? [] : [...new Float32Array(Uint8Array.from(tensor.data).buffer)];

/** What to ask `addModel`: four times `value + 1`. */
export const sum = (id: string, value: number) => ({
  model: id,
  inputs: [floats('a', [1, 4], Array<number>(4).fill(value)), floats('b', [1, 4], [1, 1, 1, 1])],
  cache: 'use' as const,
});
