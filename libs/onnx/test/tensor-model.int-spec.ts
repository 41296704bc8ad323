import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DomainError } from '@trivium/contracts';
import { ModelManifest, type ModelManifestInput } from '@trivium/contracts/model-manifest';
import type { Tensor } from '@trivium/contracts/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkTensors, openTensorModel, type TensorModel, type TensorTask } from '../dist/index.js';
import {
  addModel,
  encoderModel,
  halfPrecisionModel,
  identityModel,
  type SyntheticModel,
  unknownOperatorModel,
  upperCaseModel,
} from '../dist/synthesis/synthesis.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trivium-tensor-model-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function open(
  id: string,
  { bytes, manifest }: SyntheticModel,
  more: Partial<ModelManifestInput> = {},
): Promise<TensorModel> {
  const path = join(folder, `${id}.onnx`);
  await writeFile(path, bytes);
  const model = openTensorModel({
    modelId: id,
    version: '1',
    variant: 'fp32',
    manifest: ModelManifest.parse({ ...manifest, id, licence: 'Apache-2.0', ...more }),
    file: { path, sha256: createHash('sha256').update(bytes).digest('hex') },
    group: { kind: 'KIND_CPU', threads: 1, count: 1 },
    service: 'onnx-test',
  });
  try {
    await model.start();
    return model;
  } catch (error) {
    await model[Symbol.asyncDispose]();
    throw error;
  }
}

const run = (model: TensorModel, ...tasks: TensorTask[]) =>
  model.doRun(
    tasks.map((task) => ({ task, trace: {} })),
    new AbortController().signal,
  );

function floats(name: string, shape: number[], values: number[]): Tensor {
  return { name, datatype: 'FP32', shape, data: new Uint8Array(Float32Array.from(values).buffer) };
}
function longs(name: string, shape: number[], values: number[]): Tensor {
  const data = new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer);
  return { name, datatype: 'INT64', shape, data };
}
const valuesOf = ({ data }: Tensor) => [...new Float32Array(Uint8Array.from(data).buffer)];

describe('a batch of requests', () => {
  it('is joined along the batch side and handed back request by request', async () => {
    await using model = await open('add', addModel());
    const task = (items: number, value: number): TensorTask => ({
      inputs: [
        floats('a', [items, 4], Array<number>(items * 4).fill(value)),
        floats('b', [items, 4], Array<number>(items * 4).fill(0.5)),
      ],
    });
    const results = await run(model, task(1, 1), task(3, 2), task(2, 3));

    expect(results.map(({ outputs: [sum] }) => sum?.shape)).toEqual([
      [1, 4],
      [3, 4],
      [2, 4],
    ]);
    const means = results.map(({ outputs: [sum] }) => sum && new Set(valuesOf(sum)));
    expect(means).toEqual([new Set([1.5]), new Set([2.5]), new Set([3.5])]);
  });

  it('of different lengths is filled up, and gives what each gives alone', async () => {
    await using model = await open('encoder', encoderModel());
    const task = (length: number): TensorTask => ({
      inputs: [
        longs(
          'input_ids',
          [1, length],
          Array.from({ length }, (_, index) => (index * 7 + length) % 128),
        ),
        longs('attention_mask', [1, length], Array<number>(length).fill(1)),
      ],
    });
    const lengths = [3, 17, 9];
    const together = await run(model, ...lengths.map(task));
    for (const [index, length] of lengths.entries()) {
      const [alone] = await run(model, task(length));
      const [own, other] = [alone, together[index]].map((one) => one?.outputs[0]);
      expect(other?.shape).toEqual(own?.shape);
      const ownValues = own ? valuesOf(own) : [];
      const worst = Math.max(
        ...(other ? valuesOf(other) : []).map((v, i) => Math.abs(v - (ownValues[i] ?? 9))),
      );
      expect(worst).toBeLessThan(1e-5);
    }
    const buckets = lengths.map((length) => model.bucketOf({ task: task(length), trace: {} }));
    expect(new Set(buckets).size).toBe(1);
    expect(model.costOf({ task: task(17), trace: {} })).toBe(17);
  });

  it('cuts outputs back that are as long as their inputs', async () => {
    await using model = await open('identity', identityModel(), {
      input: [{ name: 'x', data_type: 'FP32', dims: [-1], padding_value: 9 }],
      dynamic_batching: { cost: { unit: 'items', input: 'x' } },
    });
    const results = await run(
      model,
      { inputs: [floats('x', [1, 2], [1, 2])] },
      { inputs: [floats('x', [2, 3], [3, 4, 5, 6, 7, 8])] },
    );

    expect(results.map(({ outputs: [y] }) => y && [y.shape, valuesOf(y)])).toEqual([
      [
        [1, 2],
        [1, 2],
      ],
      [
        [2, 3],
        [3, 4, 5, 6, 7, 8],
      ],
    ]);
  });
});

it.each(['FLOAT', 'DOUBLE', 'INT64', 'UINT8', 'INT32', 'BOOL', 'FLOAT16', 'UINT64'] as const)(
  'passes %s through unchanged, also from bytes that are not aligned',
  async (type) => {
    await using model = await open(`identity-${type.toLowerCase()}`, identityModel(type));
    const datatype = model.manifest.input[0]?.data_type ?? 'FP32';
    const width = { FLOAT: 4, DOUBLE: 8, INT64: 8, UINT8: 1, INT32: 4, BOOL: 1, FLOAT16: 2, UINT64: 8 }[type];
    const odd = new Uint8Array(3 * width + 1).subarray(1);
    odd.fill(1);
    const [result] = await run(model, { inputs: [{ name: 'x', datatype, shape: [1, 3], data: odd }] });

    expect(Buffer.from(result?.outputs[0]?.data ?? [])).toEqual(Buffer.from(odd));
  },
);

it('takes and gives strings', async () => {
  await using model = await open('upper-case', upperCaseModel());
  const strings = (values: string[]) =>
    Buffer.concat(
      values.map((value) => {
        const bytes = Buffer.from(value);
        const length = Buffer.alloc(4);
        length.writeUInt32LE(bytes.length);
        return Buffer.concat([length, bytes]);
      }),
    );
  const text: Tensor = { name: 'text', datatype: 'BYTES', shape: [2], data: strings(['one', 'two']) };
  const [result] = await run(model, { inputs: [text] });

  expect(Buffer.from(result?.outputs[0]?.data ?? [])).toEqual(strings(['ONE', 'TWO']));
});

it('serves half precision in and out', async () => {
  await using model = await open('half', halfPrecisionModel());
  const x: Tensor = { name: 'x', datatype: 'FP16', shape: [1, 8], data: new Uint8Array(16) };
  const [result] = await run(model, { inputs: [x] });

  expect(result?.outputs[0]).toMatchObject({ datatype: 'FP16', shape: [1, 8] });
});

it('refuses what is not a number, and names its place', async () => {
  await using model = await open('add-nan', addModel());
  const task = {
    inputs: [floats('a', [1, 4], [1, 2, NaN, 4]), floats('b', [1, 4], [1, 1, 1, 1])],
  };

  await expect(run(model, task)).rejects.toMatchObject({ code: 'invalid_request', param: 'inputs[0].data' });
});

describe('a request that does not fit', () => {
  const manifest = ModelManifest.parse({ ...addModel().manifest, id: 'add', licence: 'Apache-2.0' });
  const a = floats('a', [1, 4], [1, 2, 3, 4]);
  const b = floats('b', [1, 4], [1, 2, 3, 4]);

  it.each([
    ['a missing input', [a], 'inputs'],
    ['an unknown input', [a, b, floats('c', [1], [1])], 'inputs[2].name'],
    ['an input twice', [a, a, b], 'inputs[1].name'],
    ['another datatype', [a, { ...b, datatype: 'INT32' }], 'inputs[1].datatype'],
    ['another side', [a, floats('b', [1, 3], [1, 2, 3])], 'inputs[1].shape'],
    ['another rank', [floats('a', [4], [1, 2, 3, 4]), b], 'inputs[0].shape'],
    ['too few bytes', [a, { ...b, data: b.data.subarray(4) }], 'inputs[1].data'],
    ['batches that differ', [a, floats('b', [2, 4], [1, 2, 3, 4, 1, 2, 3, 4])], 'inputs[1].shape'],
    ['no items', [floats('a', [0, 4], []), floats('b', [0, 4], [])], 'inputs[0].shape'],
  ] as [string, Tensor[], string][])('is told of %s', (_, inputs, param) => {
    const check = () => checkTensors(manifest, inputs);
    expect(check).toThrow(DomainError);
    expect(check).toThrow(expect.objectContaining({ code: 'invalid_request', param }));
  });

  it('is told of an unknown output', () => {
    expect(() => checkTensors(manifest, [a, b], ['sum', 'other'])).toThrow(
      expect.objectContaining({ param: 'outputs[1].name' }),
    );
  });
});

describe('a model that cannot be served', () => {
  it('says which field of its manifest its file contradicts', async () => {
    const other = { input: [{ name: 'a', data_type: 'INT32', dims: [4] }] } as Partial<ModelManifestInput>;
    await expect(open('add-mismatch', addModel(), other)).rejects.toMatchObject({
      code: 'model_not_available',
      param: expect.stringMatching(/^input/u),
    });
  });

  it('names the operator that is missing', async () => {
    await expect(open('unknown', unknownOperatorModel())).rejects.toMatchObject({
      code: 'model_not_available',
    });
  });

  it('is told apart from ONNX', async () => {
    const fake = { bytes: Buffer.from('not a model at all'), manifest: addModel().manifest };
    await expect(open('fake', fake)).rejects.toMatchObject({ code: 'model_not_available' });
  });
});
