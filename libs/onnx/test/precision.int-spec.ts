import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inlineExternalData } from '../dist/graph/external-data.js';
import { checkModel, inspectModel } from '../dist/inspection/inspect-model.js';
import { profileModel } from '../dist/inspection/profile-model.js';
import { randomInputs } from '../dist/inspection/random-inputs.js';
import { compareVariants } from '../dist/quantization/compare-variants.js';
import { quantize } from '../dist/quantization/quantize.js';
import {
  denseClassifier,
  encoderModel,
  externalDataModel,
  slowModel,
  unknownOperatorModel,
  upperCaseModel,
} from '../dist/synthesis/synthesis.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trivium-precision-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function saved(name: string, bytes: Uint8Array): Promise<string> {
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
  return file;
}

const samplesOf = (bytes: Uint8Array, count: number) =>
  Array.from({ length: count }, (_, index) => randomInputs(bytes, { seed: index + 1, length: 8 + index }));

describe('compareVariants', () => {
  it('measures size, memory, latency and agreement, and judges', async () => {
    const { bytes } = encoderModel();
    const reference = await saved('model.onnx', bytes);
    const variant = await saved('model.int8.onnx', quantize(bytes, { variant: 'int8' }).bytes);
    const samples = samplesOf(bytes, 4);

    const report = await compareVariants(reference, variant, samples, { threshold: 0.999, rounds: 5 });
    const strict = await compareVariants(reference, variant, samples, {
      metric: 'max-absolute-error',
      threshold: 0,
      rounds: 1,
    });

    expect(report).toMatchObject({ metric: 'cosine', threshold: 0.999, passed: true });
    expect(report.agreement.samples).toBe(4);
    expect(report.agreement.mean).toBeGreaterThan(0.999);
    expect(report.fileBytes.ratio).toBeLessThan(0.5);
    for (const { reference: before, variant: after } of [report.loadBytes, report.runBytes, report.p50Ms]) {
      expect(Math.min(before, after)).toBeGreaterThan(0);
    }
    expect(strict.passed).toBe(false);
  });

  it('counts equal words as agreement', async () => {
    const { bytes } = upperCaseModel();
    const file = await saved('model.onnx', bytes);

    const report = await compareVariants(file, file, samplesOf(bytes, 2), {
      metric: 'max-absolute-error',
      threshold: 0,
      rounds: 1,
    });

    expect(report.passed).toBe(true);
  });

  it('says what is wrong with a variant that does not load, and with no samples', async () => {
    const { bytes } = denseClassifier();
    const reference = await saved('model.onnx', bytes);
    const broken = await saved('model.int8.onnx', unknownOperatorModel().bytes);

    await expect(compareVariants(reference, broken, samplesOf(bytes, 1))).rejects.toMatchObject({
      code: 'model_not_available',
      message: expect.stringContaining('Teleport') as unknown,
    });
    await expect(compareVariants(reference, reference, [])).rejects.toMatchObject({
      code: 'invalid_request',
      param: 'samples',
    });
  });

  it('ends with its signal and at its limit of time', async () => {
    const { bytes } = slowModel();
    const file = await saved('model.onnx', bytes);
    const endless = randomInputs(bytes).map((tensor) =>
      tensor.name === 'rounds' ? { ...tensor, data: Uint8Array.of(0, 0, 0, 0, 9, 0, 0, 0) } : tensor,
    );
    const controller = new AbortController();
    const cancelled = compareVariants(file, file, [endless], { signal: controller.signal });
    controller.abort();

    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    await expect(compareVariants(file, file, [endless], { timeoutMs: 500 })).rejects.toMatchObject({
      code: 'deadline_exceeded',
    });
  });
});

describe('profileModel', () => {
  it('tells the time of every operator and leaves a trace that viewers open', async () => {
    const { bytes } = encoderModel();
    const file = await saved('model.onnx', bytes);
    const [sample = []] = samplesOf(bytes, 1);

    const { operators, runMs, trace } = await profileModel(file, sample, { runs: 3 });

    expect(runMs).toHaveLength(3);
    expect(operators.find(({ operator }) => operator === 'Softmax')).toMatchObject({ nodes: 2 });
    expect(operators.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 6);
    const events = JSON.parse(Buffer.from(trace).toString('utf8')) as Record<string, unknown>[];
    expect(events.length).toBeGreaterThan(10);
    for (const event of events) {
      expect(event).toMatchObject({
        ph: 'X',
        name: expect.any(String) as unknown,
        pid: expect.any(Number) as unknown,
        tid: expect.any(Number) as unknown,
        ts: expect.any(Number) as unknown,
        dur: expect.any(Number) as unknown,
      });
    }
  });
});

describe('inspectModel', () => {
  it('tells what a file holds', async () => {
    const { bytes } = denseClassifier();

    const inspection = await inspectModel(bytes, { batch: 8 });

    expect(inspection).toMatchObject({
      irVersion: 8,
      producer: 'trivium',
      operatorSets: [{ domain: '', version: 17 }],
      inputs: [{ name: 'features', type: 'FLOAT', shape: ['batch', 16] }],
      outputs: [{ name: 'scores', type: 'FLOAT', shape: ['batch', 4] }],
      parameters: { tensors: 4, parameters: 676, bytes: 2_704 },
      fileBytes: bytes.byteLength,
      externalData: [],
      customOperators: [],
      nestedGraphs: 0,
    });
    expect(inspection.operators).toContainEqual({ operator: 'Gemm', count: 1 });
    expect(inspection.estimatedLoadBytes).toBeGreaterThan(bytes.byteLength);
    expect(JSON.parse(JSON.stringify(inspection))).toEqual(inspection);
  });

  it('names custom operators, nested graphs and files beside the model', async () => {
    const outside = await inspectModel(unknownOperatorModel('example.custom').bytes);
    const nested = await inspectModel(slowModel().bytes);
    const external = await inspectModel(externalDataModel().bytes);

    expect(outside.customOperators).toEqual(['example.custom:Teleport']);
    expect(nested.nestedGraphs).toBe(1);
    expect(nested.operators).toContainEqual({ operator: 'MatMul', count: 1 });
    expect(external.externalData).toEqual([{ path: 'weights/bias.bin', bytes: 16 }]);
  });
});

describe('checkModel', () => {
  it('lets a model pass whose weights lie in its folder, and can move them into it', async () => {
    const { bytes, files } = externalDataModel();
    for (const [name, data] of Object.entries(files)) await saved(name, data);

    await checkModel(bytes, folder);
    const inlined = await inlineExternalData(bytes, folder);

    const session = await InferenceSession.create(inlined);
    expect(session.inputNames).toEqual(['x']);
    await session.release();
    expect((await inspectModel(inlined, { folder })).externalData).toEqual([]);
  });

  it.each(['../bias.bin', '/etc/passwd', 'weights/../../bias.bin', 'weights\\bias.bin', ''])(
    'refuses weights at %j',
    async (location) => {
      await expect(checkModel(externalDataModel(location).bytes, folder)).rejects.toMatchObject({
        code: 'invalid_request',
        message: expect.stringContaining('not inside the model’s folder') as unknown,
      });
    },
  );

  it('refuses weights that are missing, too short, a link or behind a link', async () => {
    const { bytes } = externalDataModel();
    await expect(checkModel(bytes, folder)).rejects.toThrow('is missing');

    await saved('weights/bias.bin', new Uint8Array(15));
    await expect(checkModel(bytes, folder)).rejects.toThrow('shorter than the model says');

    await rm(join(folder, 'weights'), { recursive: true });
    await saved('real/bias.bin', new Uint8Array(16));
    await symlink('real', join(folder, 'weights'));
    await expect(checkModel(bytes, folder)).rejects.toThrow('not a plain file');

    await rm(join(folder, 'weights'));
    await mkdir(join(folder, 'weights'));
    await symlink('../real/bias.bin', join(folder, 'weights/bias.bin'));
    await expect(checkModel(bytes, folder)).rejects.toThrow('not a plain file');
  });

  it('refuses operators that would need native code, and files that are no models', async () => {
    await expect(checkModel(unknownOperatorModel('example.custom').bytes, folder)).rejects.toMatchObject({
      code: 'invalid_request',
      details: { operators: ['example.custom:Teleport'] },
    });
    await expect(checkModel(Buffer.from('GIF89a'), folder)).rejects.toMatchObject({
      code: 'unsupported_media',
    });
  });
});
