import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { ModelManifest } from '@trivium/contracts/model-manifest';
import {
  addModel,
  convClassifier,
  decoderStep,
  denseClassifier,
  encoderModel,
  externalDataModel,
  halfPrecisionModel,
  identityModel,
  slowModel,
  truncatedModel,
  unknownOperatorModel,
  upperCaseModel,
} from '../src/synthesis/synthesis.js';

const WRITE_MODELS = fileURLToPath(new URL('../dist/synthesis/write-models.js', import.meta.url));

type Feeds = Record<string, Tensor>;

async function run(bytes: Uint8Array, feeds: Feeds): Promise<Record<string, Tensor>> {
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  try {
    return (await session.run(feeds)) as Record<string, Tensor>;
  } finally {
    await session.release();
  }
}

const floats = (dims: readonly number[], values?: readonly number[]): Tensor => {
  const count = dims.reduce((product, side) => product * side, 1);
  const data = values ?? Array.from({ length: count }, (_, index) => Math.sin(index));
  return new Tensor('float32', Float32Array.from(data), dims);
};
const longs = (dims: readonly number[], values: readonly number[]): Tensor =>
  new Tensor('int64', BigInt64Array.from(values, BigInt), dims);
const numbers = (tensor: Tensor | undefined): number[] => Array.from(tensor?.data as Float32Array);

describe('synthetic models', () => {
  it('are the same for the same seed, and each has a valid manifest', () => {
    const models = [
      identityModel(),
      addModel(),
      convClassifier(),
      decoderStep(),
      denseClassifier(),
      encoderModel(),
      externalDataModel(),
      halfPrecisionModel(),
      slowModel(),
      unknownOperatorModel(),
      upperCaseModel(),
    ];

    expect(Buffer.compare(denseClassifier().bytes, denseClassifier().bytes)).toBe(0);
    expect(Buffer.compare(denseClassifier().bytes, denseClassifier({ seed: 6 }).bytes)).not.toBe(0);
    for (const { manifest } of models) expect(() => ModelManifest.parse(manifest)).not.toThrow();
  });

  it('pass on, add, and change strings', async () => {
    const passed = await run(identityModel().bytes, { x: floats([1, 3], [1, 2, 3]) });
    const sum = await run(addModel().bytes, {
      a: floats([1, 4], [1, 2, 3, 4]),
      b: floats([1, 4], [4, 3, 2, 1]),
    });
    const upper = await run(upperCaseModel().bytes, { text: new Tensor('string', ['one', 'two'], [2]) });

    expect(numbers(passed['y'])).toEqual([1, 2, 3]);
    expect(numbers(sum['sum'])).toEqual([5, 5, 5, 5]);
    expect(upper['upper']?.data).toEqual(['ONE', 'TWO']);
  });

  it.each(['INT64', 'UINT8', 'BOOL', 'DOUBLE', 'STRING', 'FLOAT16'] as const)(
    'pass on values of %s',
    async (type) => {
      const session = await InferenceSession.create(identityModel(type).bytes);

      expect(session.inputNames).toEqual(['x']);
      await session.release();
    },
  );

  it('classify vectors and images of any width', async () => {
    const dense = await run(denseClassifier().bytes, { features: floats([3, 16]) });
    const narrow = await run(convClassifier().bytes, { image: floats([2, 3, 32, 20]) });

    for (const [scores, rows] of [
      [numbers(dense['scores']), 3],
      [numbers(narrow['scores']), 2],
    ] as const) {
      expect(scores.reduce((sum, one) => sum + one, 0)).toBeCloseTo(rows, 4);
    }
  });

  it('embed texts so that padding does not count', async () => {
    const { bytes } = encoderModel();

    const alone = await run(bytes, {
      input_ids: longs([1, 3], [5, 6, 7]),
      attention_mask: longs([1, 3], [1, 1, 1]),
    });
    const padded = await run(bytes, {
      input_ids: longs([2, 5], [5, 6, 7, 0, 0, 9, 8, 7, 6, 5]),
      attention_mask: longs([2, 5], [1, 1, 1, 0, 0, 1, 1, 1, 1, 1]),
    });

    const one = numbers(alone['embedding']);
    expect(Math.hypot(...one)).toBeCloseTo(1, 5);
    const same = numbers(padded['embedding']).slice(0, one.length);
    one.forEach((value, index) => expect(same[index]).toBeCloseTo(value, 5));
  });

  it('decode step by step from keys and values', async () => {
    const { bytes } = decoderStep();
    const step = (token: number, past: Feeds) => run(bytes, { token: longs([1, 1], [token]), ...past });

    const first = await step(3, { past_key: floats([1, 2, 0, 8]), past_value: floats([1, 2, 0, 8]) });
    const { present_key: past_key, present_value: past_value } = first;
    if (past_key === undefined || past_value === undefined) throw new TypeError('No keys and values');
    const second = await step(4, { past_key, past_value });

    expect(first['logits']?.dims).toEqual([1, 64]);
    expect(second['present_key']?.dims).toEqual([1, 2, 2, 8]);
    expect(numbers(second['logits'])).not.toEqual(numbers(first['logits']));
  });

  it('take as long as the input says', async () => {
    const { bytes } = slowModel();
    const x = floats([128, 128]);

    const none = await run(bytes, { x, rounds: longs([], [0]) });
    const some = await run(bytes, { x, rounds: longs([], [3]) });

    expect(numbers(none['y'])).toEqual(numbers(x));
    expect(numbers(some['y'])).not.toEqual(numbers(x));
  });

  it('take and give half precision', async () => {
    const bits = new Uint16Array(Float16Array.of(1, 2, 3, 4, 5, 6, 7, 8).buffer);
    const x = new Tensor('float16', bits, [1, 8]);
    Object.defineProperty(x, 'data', { value: bits }); // the binding cannot read the Float16Array made of it

    const { y } = await run(halfPrecisionModel().bytes, { x });

    expect(y?.type).toBe('float16');
    expect(y?.dims).toEqual([1, 8]);
  });

  it('are written to a folder, together a few hundred kilobytes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'trivium-models-'));
    try {
      await promisify(execFile)(process.execPath, [WRITE_MODELS, folder]);

      const files = await readdir(folder, { recursive: true, withFileTypes: true });
      const sizes = files
        .filter((file) => file.isFile())
        .map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size);
      const total = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
      expect(total).toBeLessThan(300_000);
      const session = await InferenceSession.create(join(folder, 'external-data', 'model.onnx'));
      expect(session.outputNames).toEqual(['y']);
      await session.release();
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('fail to load where they are meant to', async () => {
    await expect(InferenceSession.create(unknownOperatorModel().bytes)).rejects.toThrow('Teleport');
    await expect(InferenceSession.create(unknownOperatorModel('example.custom').bytes)).rejects.toThrow();
    await expect(InferenceSession.create(truncatedModel())).rejects.toThrow();
  });
});
