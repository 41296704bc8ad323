import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { BEST_CLASS, BEST_PROBABILITY } from '../src/graph/best-class.js';
import {
  type AttributeProto,
  decodeModel,
  encodeModel,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type TypeProto,
} from '../src/graph/onnx-format.js';
import { simplifyModel } from '../src/graph/simplify-model.js';
import { floatTensor } from '../src/graph/tensors.js';

const FLOATS: TypeProto = { tensorType: { elemType: 1 } };
const SIZE = 7;
/** Largest difference that reordered sums of floats may make. */
const TOLERANCE = 1e-5;

/** Deterministic values between -1 and 1. */
function values(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => Math.sin((index + 1) * (seed + 0.37)));
}

const ints = (name: string, ...list: number[]): AttributeProto => ({ name, type: 7, ints: list });
const int = (name: string, i: number): AttributeProto => ({ name, type: 2, i });

/** Builds a chain of nodes from input `x` to output `y`. */
class Chain {
  readonly nodes: NodeProto[] = [];
  readonly constants: TensorProto[] = [];
  #value = 'x';

  constant(dims: readonly number[], data: Float32Array): string {
    const name = `c${this.constants.length}`;
    this.constants.push(floatTensor(name, dims, data));
    return name;
  }

  scalar(value: number): string {
    return this.constant([1], Float32Array.of(value));
  }

  then(opType: string, others: readonly string[], ...attribute: AttributeProto[]): string {
    const output = `v${this.nodes.length}`;
    this.nodes.push({ opType, input: [this.#value, ...others], output: [output], attribute });
    return (this.#value = output);
  }

  conv(inputs: number, outputs: number, kernel: number, pad: number, group = 1): this {
    const dims = [outputs, inputs / group, kernel, kernel];
    const weights = this.constant(
      dims,
      values(
        dims.reduce((product, one) => product * one),
        this.nodes.length,
      ),
    );
    const bias = this.constant([outputs], values(outputs, 0.1));
    this.then(
      'Conv',
      [weights, bias],
      ints('kernel_shape', kernel, kernel),
      ints('pads', pad, pad, pad, pad),
      int('group', group),
    );
    return this;
  }

  affine(factor: number, offset: number): this {
    this.then('Mul', [this.scalar(factor)]);
    this.then('Add', [this.scalar(offset)]);
    return this;
  }

  hardSwish(bounds: 'attributes' | 'inputs'): this {
    const before = this.#value;
    this.then('Add', [this.scalar(3)]);
    if (bounds === 'inputs') {
      this.then('Clip', [this.constant([], Float32Array.of(0)), this.constant([], Float32Array.of(6))]);
    } else {
      this.then('Clip', [], { name: 'min', type: 1, f: 0 }, { name: 'max', type: 1, f: 6 });
    }
    this.then('Mul', [before]);
    this.then('Div', [this.scalar(6)]);
    return this;
  }

  model(version: number): Uint8Array {
    const last = this.nodes.at(-1);
    if (last === undefined) throw new RangeError('An empty chain');
    last.output = ['y'];
    const model: ModelProto = {
      irVersion: 7,
      opsetImport: [{ domain: '', version }],
      graph: {
        name: 'chain',
        node: this.nodes,
        initializer: this.constants,
        input: [{ name: 'x', type: FLOATS }],
        output: [{ name: 'y', type: FLOATS }],
        valueInfo: [],
      },
    };
    return encodeModel(model);
  }
}

/** The block that small convolutional networks for phones are made of. */
function blocks(version: number): Uint8Array {
  const bounds = version >= 11 ? 'inputs' : 'attributes';
  return new Chain()
    .conv(3, 8, 3, 1)
    .affine(1.4, 0.6)
    .hardSwish(bounds)
    .affine(0.2, -0.3) // before a padded convolution: the edge must not change
    .conv(8, 8, 3, 1, 8)
    .affine(2.1, -0.4)
    .hardSwish(bounds)
    .affine(0.7, 0.25) // before one without padding: moves into its weights
    .conv(8, 5, 1, 0)
    .model(version);
}

async function run(bytes: Uint8Array): Promise<InferenceSession.OnnxValueMapType> {
  const session = await InferenceSession.create(bytes, { graphOptimizationLevel: 'disabled' });
  const x = new Tensor(
    'float32',
    values(3 * SIZE * SIZE, 2).map((value) => value * 4),
    [1, 3, SIZE, SIZE],
  );
  return session.run({ x });
}

function operatorsOf(bytes: Uint8Array): string[] {
  return decodeModel(bytes).graph.node.map(({ opType }) => opType);
}

function largestDifference(one: unknown, other: unknown): number {
  const [left, right] = [one, other] as [Tensor, Tensor];
  expect(left.dims).toEqual(right.dims);
  const data = right.data as Float32Array;
  return Math.max(...(left.data as Float32Array).map((value, index) => Math.abs(value - (data[index] ?? 0))));
}

describe.each([9, 11])('simplifyModel, operator set %i', (version) => {
  it('answers the same from fewer nodes', async () => {
    const original = blocks(version);

    const simple = simplifyModel(original);

    expect(operatorsOf(simple)).toEqual([
      'Conv',
      'HardSigmoid',
      'Mul',
      'Conv', // what stood before the padded one
      'Conv',
      'HardSigmoid',
      'Mul',
      'Conv',
    ]);
    const [before, after] = await Promise.all([run(original), run(simple)]);
    expect(largestDifference(before['y'], after['y'])).toBeLessThan(TOLERANCE);
  });

  it('answers the best class and its probability in place of them all', async () => {
    const chain = new Chain().conv(3, 5, 1, 0);
    chain.then('Sigmoid', []);
    const original = chain.model(version);

    const best = await run(simplifyModel(original, { bestClassAxis: 1 }));

    const all = (await run(original))['y'] as Tensor;
    const places = SIZE * SIZE;
    for (let place = 0; place < places; place += 1) {
      const scores = [0, 1, 2, 3, 4].map((index) => Number(all.data[index * places + place]));
      const highest = Math.max(...scores);
      expect((best[BEST_PROBABILITY] as Tensor).data[place]).toBeCloseTo(highest, 5);
      expect((best[BEST_CLASS] as Tensor).data[place]).toBe(scores.indexOf(highest));
    }
  });
});

describe('simplifyModel', () => {
  it('leaves an affine step alone whose input is read elsewhere too', async () => {
    const chain = new Chain().conv(3, 4, 1, 0);
    const read = chain.then('Relu', []);
    chain.affine(2, 1);
    chain.then('Add', [read]);
    const original = chain.model(11);

    const simple = simplifyModel(original);

    const [before, after] = await Promise.all([run(original), run(simple)]);
    expect(largestDifference(before['y'], after['y'])).toBeLessThan(TOLERANCE);
  });

  it('moves a normalisation into the convolution before it', async () => {
    const chain = new Chain().conv(3, 4, 3, 1);
    const positive = values(4, 0.9).map((value) => value * value + 1e-7);
    const parameters = [values(4, 0.2), values(4, 0.4), values(4, 0.6), positive];
    chain.then(
      'BatchNormalization',
      parameters.map((data) => chain.constant([4], data)),
    );
    const original = chain.model(11);

    const simple = simplifyModel(original);

    expect(operatorsOf(simple)).toEqual(['Conv']);
    const [before, after] = await Promise.all([run(original), run(simple)]);
    expect(largestDifference(before['y'], after['y'])).toBeLessThan(TOLERANCE * 10);
  });

  it('takes no other clipping for the activation', async () => {
    const chain = new Chain().conv(3, 4, 1, 0);
    chain.then('Clip', [], { name: 'min', type: 1, f: 0 }, { name: 'max', type: 1, f: 6 });
    const original = chain.model(9);

    expect(operatorsOf(simplifyModel(original))).toEqual(['Conv', 'Clip']);
  });

  it('gives a model back as it was that holds a graph inside a node', () => {
    const chain = new Chain().conv(3, 4, 1, 0).affine(2, 1);
    const body = { node: [], initializer: [], input: [], output: [], valueInfo: [] };
    chain.nodes[0]?.attribute.push({ name: 'body', type: 5, g: body });
    const original = chain.model(11);

    expect(simplifyModel(original)).toBe(original);
    expect(() => simplifyModel(original, { bestClassAxis: 1 })).toThrow('cannot be changed');
  });
});
