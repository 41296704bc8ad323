import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { ModelJob } from '@trivium/contracts/inference';
import type { ModelManifest } from '@trivium/contracts/model-manifest';
import { compareVariants, type PrecisionReport, type QuantizedVariant } from '@trivium/onnx';
import type { JobWork } from '../jobs/job-run.js';
import type { Jobs } from '../jobs/jobs.js';
import type { ModelRegistry } from '../registry/model-registry.js';
import type { LocalModelFile, ModelFiles } from './model-file.js';
import { offThread } from './off-thread.js';

interface QuantizeRequest {
  readonly model: string;
  readonly version?: string | undefined;
  readonly variant: QuantizedVariant;
  readonly publish: boolean;
}

/** Without a calibration set of the model's own: inputs drawn from what its inputs may be. */
const SAMPLES = 16;
/** Side of what varies, for models that name no lengths. */
const USUAL_LENGTH = 64;
const MADE = 0.4;
const MEASURED = 0.9;

/** Makes a variant, measures it against the original, and publishes it when it agrees well enough. */
export class QuantizeVersion {
  constructor(
    private readonly files: ModelFiles,
    private readonly jobs: Jobs,
    private readonly registry: ModelRegistry,
  ) {}

  /** Throws at once for what does not exist; what goes wrong later is in the job. */
  async execute(request: QuantizeRequest, signal: AbortSignal): Promise<ModelJob> {
    const source = await this.files.find({ ...request, variant: 'fp32' }, signal);
    return this.jobs.start({
      kind: 'quantize',
      model: request.model,
      purpose: `quantize ${request.model} ${source.version} ${request.variant}`,
      body: (work) => this.#quantize(source, request, work),
    });
  }

  async #quantize(
    source: LocalModelFile,
    { model, variant, publish }: QuantizeRequest,
    { signal, report }: JobWork,
  ): Promise<Readonly<Record<string, unknown>>> {
    const folder = await mkdtemp(join(tmpdir(), 'trivium-quantize-'));
    try {
      const target = join(folder, `model.${variant}.onnx`);
      report(0, 'making the variant');
      const changes = await offThread({ kind: 'quantize', path: source.path, target, variant }, signal);
      report(MADE, 'measuring it');
      const measured = await this.#measure(source, target, variant, signal);
      report(MEASURED, measured.passed ? 'publishing' : 'not good enough to publish');
      const version = publish && measured.passed ? await this.#publish(model, source, target) : undefined;
      const nodes = { changed: changes.changed.length, kept: changes.kept.length };
      return {
        variant,
        nodes,
        ...measured,
        ...(version === undefined ? { published: false } : { published: true, version }),
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #measure(
    { manifest, path }: LocalModelFile,
    target: string,
    variant: QuantizedVariant,
    signal: AbortSignal,
  ): Promise<PrecisionReport> {
    const rule = manifest.precision[variant] ?? usualRule(manifest);
    const length = manifest.dynamic_batching.shape_buckets.at(-1) ?? USUAL_LENGTH;
    const samples = await offThread({ kind: 'sample', path, sets: SAMPLES, batch: 1, length }, signal);
    return compareVariants(path, target, samples, {
      signal,
      ...(rule === undefined ? {} : { metric: rule.metric, threshold: rule.threshold }),
    });
  }

  /** The next version: what the source has, and the variant. A version never changes under those who use it. */
  #publish(model: string, { files, folder }: LocalModelFile, target: string): Promise<string> {
    const own = Object.fromEntries(Object.keys(files).map((path) => [path, join(folder, path)]));
    return this.registry.publishVersion(model, 'next', { ...own, [basename(target)]: target });
  }
}

/** What a manifest that says nothing means: neighbours of an embedding must stay its neighbours. */
function usualRule({ task }: ModelManifest): ModelManifest['precision'][QuantizedVariant] {
  return task.startsWith('embed') ? { metric: 'cosine', threshold: 0.999 } : undefined;
}
