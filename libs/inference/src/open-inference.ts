import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DynamicModule } from '@nestjs/common';
import type { InferenceService } from '@trivium/contracts/model-manifest';
import type { Messaging } from '@trivium/messaging';
import {
  Admission,
  Gate,
  LoadPace,
  ownTensors,
  Residency,
  ResponseCache,
  tensorsSize,
} from '@trivium/serving';
import { AnswerVersion, type KeptAnswer } from './engine/answer-version.js';
import { Engine } from './engine/engine.js';
import { cacheTroubled, repositoryTroubled } from './engine/events.js';
import type { Premises, ProgramModel } from './engine/served-version.js';
import { tryLoad, type TryProgram } from './engine/try-load.js';
import { FLIGHT_TTL_MS, RecordFlights } from './flights/record-flights.js';
import type { InferenceConfig } from './inference.config.js';
import { InferenceModule } from './inference.module.js';
import { InferTensors } from './inference/infer-tensors.js';
import { Jobs } from './jobs/jobs.js';
import { Catalogue } from './market/catalogue.js';
import { PullModel } from './market/pull-model.js';
import { publishPulled } from './market/publish-pulled.js';
import { Puller } from './market/puller.js';
import { ModelFiles } from './precision/model-file.js';
import { ProfileVersion } from './precision/profile-version.js';
import { QuantizeVersion } from './precision/quantize-version.js';
import { ModelRegistry } from './registry/model-registry.js';
import { UPLOAD_TTL_MS, Uploads } from './uploads/uploads.js';

export interface InferenceOptions {
  readonly service: InferenceService;
  readonly config: InferenceConfig;
  readonly messaging: Messaging;
  /** Models that the service runs by programs of its own, by id. */
  readonly programs?: ReadonlyMap<string, ProgramModel> | undefined;
  /** Tries versions for such programs before they are published; absent: they have none of their own. */
  readonly tryProgram?: TryProgram | undefined;
  /** Holds the keys of other servers that manifests name by variable. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder of packs that come with the program; the repository's own unless told. */
  readonly bundled?: string | undefined;
}

/** The engine of one service with everything around it, not yet answering. */
export interface Inference extends AsyncDisposable {
  readonly engine: Engine;
  readonly registry: ModelRegistry;
  /** What the loads of all models of the process share: the line, the memory budget, the files. */
  readonly premises: Premises;
  /** Answers the calls; to be imported by the service's module. */
  readonly module: DynamicModule;
}

/** Packs that ship with the repository, and with the images made from it. */
const BUNDLED = fileURLToPath(new URL('../../../models', import.meta.url));
const MIB = 1024 ** 2;
/** Models that may wait for others to load; the requests for them wait in lines of their own. */
const MOST_WAITING_LOADS = 256;
const DAY_MS = 24 * 60 * 60_000;
const LEAST_RETRY_MS = 200;

/** Opens the repository and loads what is to be there before the first request. */
export async function openInference(options: InferenceOptions): Promise<Inference> {
  const { service, config, messaging } = options;
  await using opened = new AsyncDisposableStack();
  const load = tryLoad(service, options.tryProgram);
  const folder = config.MODELS_DIR;
  const inUse: { by?: Engine } = {};
  const registry = opened.use(
    await ModelRegistry.open({
      records: messaging.records('models'),
      objects: messaging.objects('model-files'),
      folder,
      service,
      bundled: options.bundled ?? BUNDLED,
      mode: config.MODELS_CONTROL,
      pollMs: config.MODELS_POLL_MS,
      maxDiskBytes: config.MODELS_DISK_MB * MIB,
      isInUse: (model, version) => inUse.by?.isInUse(model, version) ?? false,
      tryLoad: load,
      onTrouble: repositoryTroubled,
    }),
  );
  const premises = premisesOf(options, registry);
  const engine = opened.use(
    new Engine({
      repository: registry,
      premises,
      answerVersion: answers(options),
    }),
  );
  inUse.by = engine;
  const jobs = opened.use(new Jobs({ service, records: messaging.records('model-jobs', { ttlMs: DAY_MS }) }));
  const modelFiles = new ModelFiles(engine, registry);
  const module = InferenceModule.register(service, {
    engine,
    inferTensors: new InferTensors(
      engine,
      messaging.blobs,
      new Admission('Inference', config.MODELS_MAX_REQUESTS, () => LEAST_RETRY_MS),
      config.MODELS_MAX_REQUEST_BYTES,
    ),
    uploads: new Uploads({
      records: messaging.records('uploads', { ttlMs: UPLOAD_TTL_MS }),
      parts: messaging.objects('upload-parts', { ttlMs: UPLOAD_TTL_MS }),
      registry,
      folder,
      maxBytes: config.MODELS_UPLOAD_LIMIT_MB * MIB,
      tryLoad: load,
    }),
    modelFiles,
    profileVersion: new ProfileVersion(modelFiles, messaging.blobs),
    quantizeVersion: new QuantizeVersion(modelFiles, jobs, registry),
    ...(await market(options, jobs, registry, load)),
    jobs,
  });
  await engine.preload();
  const owned = opened.move();
  return { engine, registry, premises, module, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function premisesOf(
  { service, config, programs = new Map(), environment }: InferenceOptions,
  repository: ModelRegistry,
): Premises {
  return {
    service,
    repository,
    residency: new Residency({ budgetBytes: config.MODELS_MEMORY_MB * MIB }),
    loads: new Gate('another model to load', config.MODELS_LOAD_CONCURRENCY, MOST_WAITING_LOADS),
    pace: new LoadPace(),
    workers: config.MODELS_WORKERS,
    defaultWorkers: config.MODELS_WORKERS ?? availableParallelism(),
    environment,
    programs,
  };
}

function answers({ config, messaging }: InferenceOptions): AnswerVersion {
  const flights = messaging.records('response-flights', { ttlMs: FLIGHT_TTL_MS });
  const cache = new ResponseCache<KeptAnswer>({
    maxBytes: config.RESPONSE_CACHE_MB * MIB,
    sizeOf: ({ outputs }) => tensorsSize(outputs),
    toKeep: ({ outputs }) => ({ outputs: ownTensors(outputs) }),
    shared: new RecordFlights(flights, messaging.blobs),
    onFault: cacheTroubled,
  });
  return new AnswerVersion({ cache, loadWaitMs: config.MODELS_LOAD_WAIT_MS });
}

async function market(
  { config, tryProgram }: InferenceOptions,
  jobs: Jobs,
  registry: ModelRegistry,
  load: ReturnType<typeof tryLoad>,
) {
  const catalogue = await Catalogue.read();
  const { MODELS_HUB_TOKEN: token } = config;
  const puller = new Puller({
    hub: { url: config.MODELS_HUB_URL, ...(token === undefined ? {} : { token }) },
    maxBytes: config.MODELS_UPLOAD_LIMIT_MB * MIB,
  });
  const publish = publishPulled({
    registry,
    tryLoad: load,
    triesPrograms: tryProgram !== undefined,
  });
  const pulls = join(config.MODELS_DIR, '.pulls');
  return { catalogue, pullModel: new PullModel({ catalogue, puller, jobs, publish, folder: pulls }) };
}
