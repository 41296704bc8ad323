import { DomainError } from '@trivium/contracts';
import {
  type ModelManifest,
  Variant,
  variantFile,
  type VersionFiles,
} from '@trivium/contracts/model-manifest';
import type { Tensor } from '@trivium/contracts/tensor';
import type { Caller, TensorAnswer, TensorRequest } from '@trivium/inference';
import type { CallContext } from '@trivium/messaging';
import type { RunOptions } from '@trivium/serving';
import { normaliseChip } from '../face-finding/chip.js';
import { TEMPLATES } from '../face-finding/template.js';
import type { DescribedFace, FaceDescriber } from './face-describer.js';
import { type Calibration, cosineDistance, operatorsCalibration } from './sameness.js';

/** What is asked of the engine. */
export interface RegistryModels {
  versionOf(
    model: string,
    version: string | undefined,
  ): { readonly manifest: ModelManifest; readonly files: VersionFiles };
  infer(request: TensorRequest, caller: Caller): Promise<TensorAnswer>;
}

const { side: SIDE } = TEMPLATES.arcface;
const DIMS = [3, SIDE, SIDE];
/** InsightFace's: red, green, blue from -1 to 1. */
const FROM_MINUS_ONE = { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] } as const;

/**
 * A model of the ArcFace interface from the repository: an aligned face [batch, 3, 112, 112] to an embedding,
 * compared by its angle. It is loaded, batched and counted by the engine, and its answers are not kept.
 */
export class RegistryDescriber implements FaceDescriber {
  readonly template = 'arcface';
  readonly calibration: Calibration;

  constructor(
    private readonly models: RegistryModels,
    private readonly model: string,
    threshold: number,
  ) {
    this.calibration = operatorsCalibration(threshold);
  }

  async describe(
    chip: Uint8Array,
    { queueTimeoutMs }: RunOptions,
    context: CallContext,
  ): Promise<DescribedFace> {
    const data = new Float32Array(chip.length);
    normaliseChip(chip, data, 0, FROM_MINUS_ONE);
    const image: Tensor = {
      name: this.#inputName(),
      datatype: 'FP32',
      shape: [1, ...DIMS],
      data: new Uint8Array(data.buffer),
    };
    const request: TensorRequest = { model: this.model, inputs: [image], queueTimeoutMs, cache: 'bypass' };
    const answer = await this.models.infer(request, context);
    const { queueMs, computeMs, batchSize, placement } = answer.explain;
    return {
      values: this.#embeddingOf(answer),
      model: { id: this.model, sha256: this.#digestOf(answer) },
      execution: {
        model: this.model,
        variant: answer.variant,
        placement: placement === 'cuda' || placement === 'remote' ? placement : 'cpu',
        queueMs,
        computeMs,
        batchSize: Math.max(1, batchSize),
      },
    };
  }

  distance(one: Float32Array, other: Float32Array): number {
    return cosineDistance(one, other);
  }

  /** Throws `model_not_available` when the model is not installed or does not take aligned faces. */
  #inputName(): string {
    const { manifest } = this.#version(undefined);
    const [input, ...others] = manifest.input;
    const takesFaces = others.length === 0 && input?.data_type === 'FP32' && isSame(input.dims, DIMS);
    if (manifest.task !== 'embed-face' || input === undefined || !takesFaces || manifest.max_batch_size < 1) {
      throw new DomainError(
        'model_not_available',
        `${this.model} is no model of the task embed-face with one FP32 input of ${DIMS.join(' x ')} behind its batch side; VISION_FACE_MODEL must name one.`,
      );
    }
    return input.name;
  }

  #version(version: string | undefined): ReturnType<RegistryModels['versionOf']> {
    try {
      return this.models.versionOf(this.model, version);
    } catch (cause) {
      if (!DomainError.is(cause) || cause.code !== 'model_not_found') throw cause;
      const message = `The face model ${this.model}, which VISION_FACE_MODEL names, is not installed.`;
      throw new DomainError('model_not_available', message, { cause });
    }
  }

  #digestOf({ variant, version }: TensorAnswer): string {
    const known = Variant.safeParse(variant);
    const { files } = this.#version(version);
    return (known.success ? variantFile(known.data, files)?.sha256 : undefined) ?? `${this.model}@${version}`;
  }

  #embeddingOf({ outputs }: TensorAnswer): Float32Array {
    const [output] = outputs;
    if (output?.datatype !== 'FP32') {
      throw new DomainError('model_not_available', `${this.model} does not answer with FP32 numbers.`);
    }
    return new Float32Array(output.data.slice().buffer);
  }
}

function isSame(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index]);
}
