import { join } from 'node:path';
import { type Inference, type ProgramModel, startWithInference } from '@trivium/inference';
import type { RunningService, StartContext } from '@trivium/platform';
import { batchFinished, workerChanged } from './events.js';
import { FaceApi } from './face-finding/face-api.js';
import { deriveNets } from './face-nets/derive-nets.js';
import { BundledDescriber } from './faces/bundled-describer.js';
import type { FaceDescriber } from './faces/face-describer.js';
import type { FaceFinder } from './faces/face-finder.js';
import { MissingFaceFinder } from './faces/missing-face-finder.js';
import { RegistryDescriber } from './faces/registry-describer.js';
import { MissingTextSpotter } from './reading/missing-text-spotter.js';
import type { TextSpotter } from './reading/text-spotter.js';
import { readModelManifest } from './spotting/model-files.js';
import { PpOcr } from './spotting/pp-ocr.js';
import { BUNDLED_FACE_MODEL, type VisionConfig } from './vision-inference.config.js';
import { VisionInferenceModule } from './vision-inference.module.js';

const OCR_MODEL = 'pp-ocrv4';
/** Of MODELS_DIR; no model has a name that begins with a dot. */
const DERIVED_FOLDER = '.derived';
const MIB = 1024 ** 2;

/** What the service runs by programs of its own. */
type OwnModel = TextSpotter | FaceFinder;

/**
 * Loads and warms the models before the subjects open. Without its files the service still answers, with
 * `model_not_available`, and readiness says why.
 */
export async function startVisionInference(context: StartContext<VisionConfig>): Promise<RunningService> {
  const { config, health, logger } = context;
  checkFaceModel(config);
  await using opened = new AsyncDisposableStack();
  const spotter = opened.use(await openSpotter(config));
  const finder = opened.use(await openFaceFinder(config));
  const models: readonly OwnModel[] = [spotter, finder];
  health.addReadiness('models', () => {
    const missing = models.filter(({ ready }) => !ready);
    if (missing.length > 0) throw new Error(missing.map(whyNot).join('; '));
  });
  await Promise.all(
    models.map((model) =>
      model
        .start()
        .catch((error: unknown) => logger.error({ err: error, model: model.modelId }, 'model did not load')),
    ),
  );
  const service = await startWithInference(context, {
    service: 'vision-inference',
    module: (inference) =>
      VisionInferenceModule.register(spotter, finder, describerFor(config, finder, inference), config),
    programs: new Map(models.map((model) => [model.modelId, programOf(model)])),
  });
  opened.use(service);
  const owned = opened.move();
  return {
    drain: async (timeoutMs) => service.drain?.(timeoutMs),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Nobody publishes a threshold for a model that only the operator knows. */
function checkFaceModel({ VISION_FACE_MODEL: model, VISION_FACE_THRESHOLD: threshold }: VisionConfig): void {
  if (model === BUNDLED_FACE_MODEL || threshold !== undefined) return;
  throw new Error(
    `Configuration rejected:\n  VISION_FACE_THRESHOLD: is needed with a VISION_FACE_MODEL other than ${BUNDLED_FACE_MODEL}`,
  );
}

/** A model as the list of models shows it. */
function programOf(model: OwnModel): ProgramModel {
  return {
    get ready() {
      return model.ready;
    },
    get reason() {
      return model.ready ? '' : String(model.startFailure ?? 'starting');
    },
    get memoryBytes() {
      return model.memoryBytes;
    },
  };
}

function whyNot({ modelId, startFailure }: OwnModel): string {
  return `${modelId} is not loaded: ${String(startFailure ?? 'starting')}`;
}

async function openSpotter(config: VisionConfig): Promise<TextSpotter> {
  try {
    return new PpOcr({
      manifest: await readModelManifest(OCR_MODEL, config.VISION_MODELS_DIR),
      detectionSide: config.VISION_DETECTION_SIDE,
      workers: config.VISION_WORKERS,
      hangAfterMs: config.VISION_HANG_AFTER_MS,
      maxWorkerMemoryBytes: config.VISION_WORKER_MEMORY_MB * MIB,
      onBatch: batchFinished,
      onWorker: workerChanged,
    });
  } catch (error) {
    return new MissingTextSpotter(OCR_MODEL, error);
  }
}

async function openFaceFinder(config: VisionConfig): Promise<FaceFinder> {
  try {
    const manifest = await readModelManifest(BUNDLED_FACE_MODEL, config.VISION_MODELS_DIR);
    return new FaceApi({
      manifest,
      nets: await deriveNets(manifest, join(config.MODELS_DIR, DERIVED_FOLDER)),
      workers: config.VISION_FACE_WORKERS,
      hangAfterMs: config.VISION_HANG_AFTER_MS,
      maxWorkerMemoryBytes: config.VISION_WORKER_MEMORY_MB * MIB,
      onBatch: batchFinished,
      onWorker: workerChanged,
    });
  } catch (error) {
    return new MissingFaceFinder(BUNDLED_FACE_MODEL, error);
  }
}

function describerFor(config: VisionConfig, finder: FaceFinder, { engine }: Inference): FaceDescriber {
  const { VISION_FACE_MODEL: model, VISION_FACE_THRESHOLD: threshold } = config;
  return model === BUNDLED_FACE_MODEL || threshold === undefined
    ? new BundledDescriber(finder, threshold)
    : new RegistryDescriber(engine, model, threshold);
}
