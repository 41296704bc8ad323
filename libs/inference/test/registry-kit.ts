import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ModelManifest, type ModelManifestInput } from '@trivium/contracts/model-manifest';
import { connectMessaging, type Messaging } from '@trivium/messaging';
import { ModelRegistry, type RegistryOptions } from '../src/registry/model-registry.js';

export const manifestOf = (id: string, fields: Partial<ModelManifestInput> = {}): ModelManifest =>
  ModelManifest.parse({ id, task: 'tensors', licence: 'MIT', ...fields });

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export interface TestReplica extends AsyncDisposable {
  readonly registry: ModelRegistry;
  readonly messaging: Messaging;
  readonly folder: string;
  readonly troubles: { readonly model: string; readonly error: unknown }[];
}

/** A registry with a connection and a folder of its own, unless it is told to share one. */
export async function startRegistry(
  servers: string,
  options: Partial<Omit<RegistryOptions, 'records' | 'objects' | 'onTrouble'>> = {},
): Promise<TestReplica> {
  const messaging = await connectMessaging({ name: 'text-inference', servers });
  const own = await mkdtemp(join(tmpdir(), 'trivium-registry-'));
  const troubles: TestReplica['troubles'] = [];
  const folder = options.folder ?? own;
  const registry = await ModelRegistry.open({
    records: messaging.records('models'),
    objects: messaging.objects('model-files'),
    service: 'text-inference',
    mode: 'explicit',
    ...options,
    folder,
    onTrouble: (trouble) => troubles.push(trouble),
  });
  return {
    registry,
    messaging,
    folder,
    troubles,
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]();
      await messaging[Symbol.asyncDispose]();
      await rm(own, { recursive: true, force: true });
    },
  };
}

export async function write(path: string, content: Uint8Array | string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

/** Resolves as soon as the condition holds; for states that no event announces. */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const giveUpAt = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > giveUpAt) throw new Error('The condition did not come true in time.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The error that the promise rejects with; fails when it resolves. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`Expected a rejection, got ${JSON.stringify(value)}`);
}
