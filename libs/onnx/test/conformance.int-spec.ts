import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type InstanceGroup, ModelManifest } from '@trivium/contracts/model-manifest';
import type { Tensor } from '@trivium/contracts/tensor';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTensorModel, openTensorSession, randomInputs, type TensorModel } from '../dist/index.js';
import {
  addModel,
  convClassifier,
  denseClassifier,
  encoderModel,
  halfPrecisionModel,
  identityModel,
  type SyntheticModel,
} from '../dist/synthesis/synthesis.js';

type LocalGroup = Exclude<InstanceGroup, { kind: 'KIND_REMOTE' }>;
const CPU: LocalGroup = { kind: 'KIND_CPU', threads: 1, count: 1 };
const CUDA: LocalGroup = { kind: 'KIND_GPU', count: 1, gpus: [0] };
/** Providers whose libraries are there. TRIVIUM_TEST_CUDA=1: a device and the provider are. */
const hasCuda = process.env['TRIVIUM_TEST_CUDA'] === '1';
const PROVIDERS = hasCuda ? [CPU, CUDA] : [CPU];

let folder: string;
let stack: AsyncDisposableStack;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), 'trivium-conformance-'));
  stack.defer(() => rm(folder, { recursive: true }));
});
afterEach(() => stack.disposeAsync());

async function open({ bytes, manifest }: SyntheticModel, group: LocalGroup): Promise<TensorModel> {
  const path = join(folder, 'model.onnx');
  await writeFile(path, bytes);
  return stack.use(
    openTensorModel({
      modelId: 'under-test',
      version: '1',
      variant: 'fp32',
      manifest: ModelManifest.parse(manifest),
      file: { path, sha256: createHash('sha256').update(bytes).digest('hex') },
      group,
      service: 'conformance-test',
    }),
  );
}

async function outputsOf(model: TensorModel, ...requests: (readonly Tensor[])[]): Promise<Tensor[][]> {
  const batch = requests.map((inputs) => ({ task: { inputs }, trace: {} }));
  const results = await model.doRun(batch, new AbortController().signal);
  return results.map(({ outputs }) => [...outputs]);
}

/** Of float32 outputs. */
function farthest(outputs: readonly Tensor[], expected: readonly Tensor[]): number {
  const differences = outputs.flatMap(({ data }, index) => {
    const values = new Float32Array(Uint8Array.from(data).buffer);
    const right = new Float32Array(Uint8Array.from(expected[index]?.data ?? []).buffer);
    expect(values.length).toBe(right.length);
    return [...values].map((value, element) => Math.abs(value - (right[element] ?? Number.NaN)));
  });
  return Math.max(...differences);
}

describe.each(PROVIDERS)('a model on $kind', (group) => {
  it.each([
    ['adds', addModel()],
    ['passes a varying side through', identityModel()],
    ['classifies by dense layers', denseClassifier()],
    ['classifies by convolutions', convClassifier()],
    ['encodes sequences', encoderModel()],
  ] as [string, SyntheticModel][])('%s as a session in this process does', async (_, synthetic) => {
    const model = await open(synthetic, group);
    await model.start();
    const inputs = await randomInputs(synthetic.bytes, { batch: 2, length: 16 });
    const reference = await openTensorSession(synthetic.bytes, { threads: 1, fixedShapes: false });

    const [together, again] = await outputsOf(model, inputs, inputs);

    const expected = await reference.run(inputs);
    expect(together?.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape));
    expect(farthest(together ?? [], expected)).toBeLessThan(1e-3);
    expect(farthest(again ?? [], expected)).toBeLessThan(1e-3);
  });

  it('takes and gives half precision', async () => {
    const model = await open(halfPrecisionModel(), group);
    await model.start();

    const [outputs] = await outputsOf(model, [
      { name: 'x', datatype: 'FP16', shape: [1, 8], data: new Uint8Array(16) },
    ]);

    expect(outputs).toMatchObject([{ name: 'y', datatype: 'FP16', shape: [1, 8] }]);
  });

  it('tells its memory, and how long its warm-up took', async () => {
    const model = await open(addModel(), group);
    await model.start();

    expect(model.placement).toBe(group.kind === 'KIND_GPU' ? 'cuda' : 'cpu');
    expect(model.memoryBytes).toBeGreaterThan(0);
    expect(model.warmUps.map(({ items }) => items)).toEqual([1, 2, 8]);
  });
});

if (!hasCuda) {
  it('says where to read about the CUDA provider that is not there', async () => {
    await expect((await open(addModel(), CUDA)).start()).rejects.toMatchObject({
      code: 'model_not_available',
      param: 'instance_group',
      message: expect.stringContaining('docs/guides/gpu.md') as unknown,
    });
  });
}
