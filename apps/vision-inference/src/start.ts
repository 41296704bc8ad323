import { type ProgramModel, startWithInference } from '@trivium/inference';
import type { RunningService, StartContext } from '@trivium/platform';
import { batchFinished, workerChanged } from './events.js';
import { MissingTextSpotter } from './reading/missing-text-spotter.js';
import type { TextSpotter } from './reading/text-spotter.js';
import { readModelManifest } from './spotting/model-files.js';
import { PpOcr } from './spotting/pp-ocr.js';
import type { VisionConfig } from './vision-inference.config.js';
import { VisionInferenceModule } from './vision-inference.module.js';

const OCR_MODEL = 'pp-ocrv4';

/**
 * Loads and warms the models before the subjects open. Without its files the service still answers, with
 * `model_not_available`, and readiness says why.
 */
export async function startVisionInference(context: StartContext<VisionConfig>): Promise<RunningService> {
  const { config, health, logger } = context;
  const spotter = await openSpotter(config);
  health.addReadiness('models', () => {
    if (!spotter.ready)
      throw new Error(`${OCR_MODEL} is not loaded: ${String(spotter.startFailure ?? 'starting')}`);
  });
  try {
    await spotter.start();
  } catch (error) {
    logger.error({ err: error }, 'models did not load');
  }
  const service = await startWithInference(context, {
    service: 'vision-inference',
    module: VisionInferenceModule.register(spotter, config),
    programs: new Map([[OCR_MODEL, programOf(spotter)]]),
  });
  return {
    ...(service.drain === undefined
      ? {}
      : { drain: (timeoutMs) => service.drain?.(timeoutMs) ?? Promise.resolve() }),
    [Symbol.asyncDispose]: async () => {
      await service[Symbol.asyncDispose]();
      await spotter[Symbol.asyncDispose]();
    },
  };
}

/** The spotter as the list of models shows it. */
function programOf(spotter: TextSpotter): ProgramModel {
  return {
    get ready() {
      return spotter.ready;
    },
    get reason() {
      return spotter.ready ? '' : String(spotter.startFailure ?? 'starting');
    },
    get memoryBytes() {
      return spotter.memoryBytes;
    },
  };
}

async function openSpotter(config: VisionConfig): Promise<TextSpotter> {
  try {
    return new PpOcr({
      manifest: await readModelManifest(OCR_MODEL, config.VISION_MODELS_DIR),
      detectionSide: config.VISION_DETECTION_SIDE,
      workers: config.VISION_WORKERS,
      hangAfterMs: config.VISION_HANG_AFTER_MS,
      maxWorkerMemoryBytes: config.VISION_WORKER_MEMORY_MB * 1024 ** 2,
      onBatch: batchFinished,
      onWorker: workerChanged,
    });
  } catch (error) {
    return new MissingTextSpotter(OCR_MODEL, error);
  }
}
