import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module, type Type } from '@nestjs/common';
import { inferenceContracts } from '@trivium/contracts/inference';
import { type NatsProcess, startNats } from '@trivium/local-servers';
import {
  Health,
  loadConfig,
  platformConfig,
  type RunningService,
  startMicroservice,
} from '@trivium/platform';
import { createLogger, setLogLevel } from '@trivium/telemetry';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Jobs } from '../src/jobs/jobs.js';
import { Catalogue } from '../src/market/catalogue.js';
import { marketHandlerOf } from '../src/market/market.handler.js';
import { publishPulled } from '../src/market/publish-pulled.js';
import { PullModel } from '../src/market/pull-model.js';
import { Puller } from '../src/market/puller.js';
import { answering, cutAfter, TestHub } from './hub.js';
import { sha256Of, startRegistry, type TestReplica } from './registry-kit.js';

const contracts = inferenceContracts['text-inference'];
const WEIGHTS = randomBytes(600_000);
const ENTRY = `
id: tiny
task: embed
licence: MIT
commercial_use: true
source: { kind: hub, repository: owner/tiny, revision: main }
files:
  model.fp32.onnx: { path: onnx/model.onnx, sha256: ${sha256Of(WEIGHTS)}, bytes: ${WEIGHTS.length} }
  tokenizer.json: { path: tokenizer.json }
`;

let nats: NatsProcess;
let hub: TestHub;
let here: TestReplica;
let jobs: Jobs;
let service: RunningService;
let folder: string;

beforeEach(async () => {
  setLogLevel('fatal');
  nats = await startNats();
  hub = await new TestHub().listen();
  hub.files.set('/owner/tiny/resolve/main/onnx/model.onnx', WEIGHTS);
  hub.files.set('/owner/tiny/resolve/main/tokenizer.json', Buffer.from('{}'));
  folder = await mkdtemp(join(tmpdir(), 'trivium-market-'));
  await writeFile(join(folder, 'tiny.yaml'), ENTRY);
  here = await startRegistry(nats.url);
  service = await startMarket();
});
afterEach(async () => {
  await jobs[Symbol.asyncDispose]();
  await service.drain?.(0);
  await service[Symbol.asyncDispose]();
  await here[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
  await nats.stop();
  await rm(folder, { recursive: true });
});

/** The market on its subjects, before the repository of this replica. */
async function startMarket(): Promise<RunningService> {
  const { messaging, registry } = here;
  const catalogue = await Catalogue.read(folder);
  jobs = new Jobs({ service: 'text-inference', records: messaging.records('model-jobs'), beatMs: 50 });
  const puller = new Puller({
    hub: { url: hub.url },
    maxBytes: 10_000_000,
    patience: { attempts: 4, firstDelayMs: 2 },
  });
  const publish = publishPulled({ registry });
  const pullModel = new PullModel({ catalogue, puller, jobs, publish, folder: join(folder, 'pulls') });
  @Module({
    controllers: [marketHandlerOf(contracts)],
    providers: [
      { provide: Catalogue, useValue: catalogue },
      { provide: PullModel, useValue: pullModel },
      { provide: Jobs, useValue: jobs },
    ],
  })
  class MarketModule {}
  return startMicroservice(MarketModule as Type, {
    name: 'text-inference',
    config: loadConfig(platformConfig, { NATS_URL: nats.url }),
    messaging,
    health: new Health({ cacheMs: 0 }),
    logger: createLogger('market'),
    stopping: new AbortController().signal,
  });
}

async function pull(): Promise<string> {
  const { jobId } = await here.messaging.call(contracts.pullModel, { model: 'tiny' });
  return vi.waitFor(async () => {
    const { jobs: found } = await here.messaging.call(contracts.listModelJobs, { jobId });
    expect(found).toMatchObject([{ state: 'succeeded' }]);
    return String(found[0]?.result?.['version']);
  }, 10_000);
}

it('what one replica pulls, over a bad line, is a version that another serves', async () => {
  await using there = await startRegistry(nats.url);
  hub.interferences.push(answering(503, { 'retry-after': '0' }), cutAfter(100_000));
  const version = await pull();
  const copy = await there.registry.materialise('tiny', version);

  expect(version).toBe('1');
  expect(await readFile(join(copy, 'model.fp32.onnx'))).toEqual(WEIGHTS);
  expect(await readdir(join(folder, 'pulls'))).toEqual([]);
});

it('the same model pulled again is the same version, and a changed one the next', async () => {
  const first = await pull();
  const second = await pull();
  hub.files.set('/owner/tiny/resolve/main/tokenizer.json', Buffer.from('{"new":true}'));
  const third = await pull();

  expect([first, second, third]).toEqual(['1', '1', '2']);
});

it('a model that the catalogue does not have, or a job that nobody knows, is refused by name', async () => {
  const { manifests } = await here.messaging.call(contracts.listCatalogue, {});

  expect(manifests.map(({ id }) => id)).toEqual(['tiny']);
  await expect(here.messaging.call(contracts.pullModel, { model: 'other' })).rejects.toMatchObject({
    code: 'model_not_found',
    param: 'model',
  });
  await expect(here.messaging.call(contracts.cancelModelJob, { jobId: 'job_1' })).rejects.toMatchObject({
    code: 'not_found',
  });
});

it('a pull that may not be finished is cancelled, and leaves no version', async () => {
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  hub.interferences.push((_request, response, file) => {
    response.writeHead(200, { 'content-length': file.length });
    response.write(file.subarray(0, 1_000));
    resolve();
    return true;
  });
  const { jobId } = await here.messaging.call(contracts.pullModel, { model: 'tiny' });
  await begun;

  expect(await here.messaging.call(contracts.cancelModelJob, { jobId })).toMatchObject({
    state: 'cancelled',
  });
  expect(here.registry.models().has('tiny')).toBe(false);
});
