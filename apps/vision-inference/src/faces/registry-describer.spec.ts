import { DomainError } from '@trivium/contracts';
import { ModelManifest } from '@trivium/contracts/model-manifest';
import type { TensorAnswer, TensorRequest } from '@trivium/inference';
import type { CallContext } from '@trivium/messaging';
import { describe, expect, it } from 'vitest';
import { RegistryDescriber, type RegistryModels } from './registry-describer.js';

const SHA = 'a'.repeat(64);
const CONTEXT: CallContext = {
  tenant: 'somebody',
  requestId: 'request-1',
  priority: 'interactive',
  signal: new AbortController().signal,
  remaining: () => 1_000,
};
const CHIP = new Uint8Array(3 * 112 * 112).fill(255);

const manifestOf = (changes: object = {}): ModelManifest =>
  ModelManifest.parse({
    id: 'arc',
    task: 'embed-face',
    licence: 'MIT',
    max_batch_size: 8,
    input: [{ name: 'faces', data_type: 'FP32', dims: [3, 112, 112] }],
    output: [{ name: 'embedding', data_type: 'FP32', dims: [2] }],
    ...changes,
  });

/** Answers every face with the embedding (3, 4). */
function models(manifest = manifestOf()): RegistryModels & { readonly asked: TensorRequest[] } {
  const asked: TensorRequest[] = [];
  return {
    asked,
    versionOf: () => ({ manifest, files: { 'model.fp32.onnx': { sha256: SHA, bytes: 1 } } }),
    infer: async (request): Promise<TensorAnswer> => {
      asked.push(request);
      const data = new Uint8Array(Float32Array.of(3, 4).buffer);
      return {
        model: request.model,
        version: '1',
        variant: 'fp32',
        outputs: [{ name: 'embedding', datatype: 'FP32', shape: [1, 2], data }],
        cache: 'bypass',
        explain: {
          variant: 'fp32',
          placement: 'cpu',
          instance: 'cpu',
          releaseReason: 'idle',
          queueMs: 1,
          computeMs: 2,
          batchSize: 3,
          batchCost: 3,
          batchMates: 3,
          loadMs: 0,
        },
      };
    },
  };
}

describe('RegistryDescriber', () => {
  it('asks for one face from -1 to 1, and that nothing of the answer is kept', async () => {
    const registry = models();

    const described = await new RegistryDescriber(registry, 'arc', 0.7).describe(CHIP, {}, CONTEXT);

    const [request] = registry.asked;
    expect(request).toMatchObject({ model: 'arc', cache: 'bypass' });
    const [image] = request?.inputs ?? [];
    expect(image).toMatchObject({ name: 'faces', datatype: 'FP32', shape: [1, 3, 112, 112] });
    expect(new Set(new Float32Array(image?.data.slice().buffer ?? new ArrayBuffer()))).toEqual(new Set([1]));
    expect(described).toEqual({
      values: Float32Array.of(3, 4),
      model: { id: 'arc', sha256: SHA },
      execution: { model: 'arc', variant: 'fp32', placement: 'cpu', queueMs: 1, computeMs: 2, batchSize: 3 },
    });
  });

  it.each([
    ['another task', { task: 'embed-image' }],
    ['another size of face', { input: [{ name: 'faces', data_type: 'FP32', dims: [3, 160, 160] }] }],
    ['no batch side', { max_batch_size: 0 }],
  ])('is not available with a model of %s', async (_, changes) => {
    const describer = new RegistryDescriber(models(manifestOf(changes)), 'arc', 0.7);

    await expect(describer.describe(CHIP, {}, CONTEXT)).rejects.toMatchObject({
      code: 'model_not_available',
    });
  });

  it('is not available when the model is not installed', async () => {
    const registry: RegistryModels = {
      ...models(),
      versionOf: () => {
        throw new DomainError('model_not_found', 'There is no model arc');
      },
    };

    await expect(new RegistryDescriber(registry, 'arc', 0.7).describe(CHIP, {}, CONTEXT)).rejects.toThrow(
      'VISION_FACE_MODEL',
    );
  });
});
