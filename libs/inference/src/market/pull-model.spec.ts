import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DomainError } from '@trivium/contracts';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Jobs } from '../jobs/jobs.js';
import { Catalogue } from './catalogue.js';
import { type Publish, PullModel } from './pull-model.js';
import type { PullRequest } from './puller.js';

const FILES = { 'model.fp32.onnx': { sha256: 'a'.repeat(64), bytes: 7 } };
const catalogue = await Catalogue.read();

let folder: string;
let jobs: Jobs;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trivium-pulls-'));
  const records = new Map<string, unknown>();
  jobs = new Jobs({
    service: 'vision-inference',
    records: {
      get: async (key) => (records.has(key) ? { value: records.get(key) } : undefined),
      put: async (key, value) => void records.set(key, value),
      list: async () => [...records.values()].map((value) => ({ value })),
    },
  });
});
afterEach(async () => {
  await jobs[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Puts a file where the pull was told to. */
async function pull({ folder: target, onProgress }: PullRequest): Promise<typeof FILES> {
  await mkdir(target, { recursive: true });
  await writeFile(join(target, 'model.fp32.onnx'), 'weights');
  onProgress?.({ file: 'model.fp32.onnx', bytes: 5e6, totalBytes: 1e7, bytesPerSecond: 1e6, etaMs: 5_000 });
  return FILES;
}

const pullModel = (publish: Publish) => new PullModel({ catalogue, puller: { pull }, jobs, publish, folder });

it('publishes what it pulled, and leaves nothing behind', async () => {
  const publish = vi.fn<Publish>(async () => ({ version: '1' }));
  const { jobId } = await pullModel(publish).execute({ model: 'sface', allowNonCommercial: false });
  await vi.waitFor(async () => expect(await jobs.get(jobId)).toMatchObject({ state: 'succeeded' }));

  expect(await jobs.get(jobId)).toMatchObject({ kind: 'pull', model: 'sface', result: { version: '1' } });
  expect(publish.mock.calls[0]?.[0]).toMatchObject({ manifest: { id: 'sface' }, files: FILES });
  await expect(access(join(folder, 'sface'))).rejects.toThrow('ENOENT');
});

it('tells how far it is while it pulls', async () => {
  const { promise, resolve } = Promise.withResolvers<{ version: string }>();
  const told: (number | string)[] = [];
  const publish: Publish = async () => promise;
  const { jobId } = await pullModel(publish).execute({ model: 'sface', allowNonCommercial: false });
  await vi.waitFor(async () => {
    const { progress, detail } = await jobs.get(jobId);
    told.push(progress, detail);
    expect(detail).toBe('publishing');
  });
  resolve({ version: '1' });

  expect(told).toContain(0.9);
});

it('keeps the files of a version that could not be published, for the next try', async () => {
  const publish: Publish = async () => {
    throw new DomainError('unavailable', 'The store is away.');
  };
  const { jobId } = await pullModel(publish).execute({ model: 'sface', allowNonCommercial: false });
  await vi.waitFor(async () => expect(await jobs.get(jobId)).toMatchObject({ state: 'failed' }));

  expect(await jobs.get(jobId)).toMatchObject({ error: { code: 'unavailable' } });
  await access(join(folder, 'sface', 'model.fp32.onnx'));
});

it.each([
  ['arcface-w600k-r50', 'permission_denied'],
  ['unheard-of', 'model_not_found'],
])('refuses %s at once: %s', async (model, code) => {
  const publish = vi.fn<Publish>();

  await expect(pullModel(publish).execute({ model, allowNonCommercial: false })).rejects.toMatchObject({
    code,
  });
  expect(await jobs.list()).toEqual([]);
});
