import type { GraphEditor } from './graph-editor.js';
import { attributeOf, type NodeProto } from './onnx-format.js';

/** `value * factor + offset`, elementwise, by constants of one element. */
interface Affine {
  readonly value: string;
  readonly factor: number;
  readonly offset: number;
}

export function affineOf(graph: GraphEditor, { opType, input }: NodeProto): Affine | undefined {
  const [left = '', right = ''] = input;
  if (opType === 'Div') {
    const divisor = graph.scalar(right);
    return divisor === undefined || graph.isConstant(left)
      ? undefined
      : { value: left, factor: 1 / divisor, offset: 0 };
  }
  if (opType !== 'Mul' && opType !== 'Add') return undefined;
  const value = graph.isConstant(left) ? right : left;
  const scalar = graph.scalar(value === left ? right : left);
  if (scalar === undefined || graph.isConstant(value)) return undefined;
  return opType === 'Mul' ? { value, factor: scalar, offset: 0 } : { value, factor: 1, offset: scalar };
}

/** A convolution's weights move into new constants, so that others who read the old ones are untouched. */
interface Kernel {
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  readonly dims: readonly number[];
}

function kernelOf(graph: GraphEditor, { input }: NodeProto): Kernel | undefined {
  const weights = graph.floats(input[1]);
  const bias = input[2] === undefined || input[2] === '' ? undefined : graph.floats(input[2]);
  if (weights === undefined || (bias === undefined && (input[2] ?? '') !== '')) return undefined;
  const [outputs = 0] = weights.dims;
  return { weights: weights.data, dims: weights.dims, bias: bias?.data ?? new Float32Array(outputs) };
}

function setKernel(
  graph: GraphEditor,
  node: NodeProto,
  input: string,
  { weights, bias, dims }: Kernel,
): void {
  node.input = [input, graph.addFloats(weights, dims), graph.addFloats(bias, [bias.length])];
}

/** `Conv` followed by an affine step is a `Conv` with other weights. */
export function foldIntoProducer(graph: GraphEditor, node: NodeProto): boolean {
  const affine = affineOf(graph, node);
  if (affine === undefined) return false;
  const producer = graph.producerOf(affine.value);
  if (producer?.opType !== 'Conv' || graph.soleConsumerOf(affine.value) !== node) return false;
  const kernel = kernelOf(graph, producer);
  if (kernel === undefined) return false;
  const { factor, offset } = affine;
  setKernel(graph, producer, producer.input[0] ?? '', {
    dims: kernel.dims,
    weights: kernel.weights.map((weight) => weight * factor),
    bias: kernel.bias.map((bias) => bias * factor + offset),
  });
  producer.output = node.output;
  graph.remove(node);
  return true;
}

/**
 * So is an affine step followed by `Conv` alone, as long as no padding comes between: the zeros around
 * the edge would have to become something else.
 */
export function foldIntoConsumers(graph: GraphEditor, node: NodeProto): boolean {
  const affine = affineOf(graph, node);
  const [output = ''] = node.output;
  const consumers = graph.consumersOf(output);
  if (affine === undefined || consumers.length === 0) return false;
  const foldable = consumers.every(
    (consumer) =>
      consumer.opType === 'Conv' &&
      consumer.input[0] === output &&
      kernelOf(graph, consumer) !== undefined &&
      (affine.offset === 0 || !isPadded(consumer)),
  );
  if (!foldable) return false;
  for (const consumer of consumers) {
    const kernel = kernelOf(graph, consumer);
    if (kernel === undefined) continue;
    const { weights, bias, dims } = kernel;
    const taps = weights.length / bias.length;
    setKernel(graph, consumer, affine.value, {
      dims,
      weights: weights.map((weight) => weight * affine.factor),
      bias: bias.map((value, index) => {
        const sum = weights.subarray(index * taps, (index + 1) * taps).reduce((total, one) => total + one, 0);
        return value + sum * affine.offset;
      }),
    });
  }
  graph.remove(node);
  return true;
}

function isPadded(node: NodeProto): boolean {
  const automatic = attributeOf(node, 'auto_pad') !== undefined;
  return automatic || (attributeOf(node, 'pads')?.ints ?? []).some((pad) => pad !== 0);
}

/**
 * What is left stands before a padded `Conv`. As a depthwise 1 by 1 convolution it costs the same but
 * stays in the blocked memory layout that the convolutions around it use; as `Mul` and `Add` it would be
 * converted out of it and back.
 */
export function turnIntoConv(
  graph: GraphEditor,
  node: NodeProto,
  channelsOf: (value: string) => number | undefined,
): boolean {
  const first = affineOf(graph, node);
  const channels = first === undefined ? undefined : channelsOf(first.value);
  if (first === undefined || channels === undefined) return false;
  const next = graph.soleConsumerOf(node.output[0] ?? '');
  const second = next === undefined ? undefined : affineOf(graph, next);
  const factor = first.factor * (second?.factor ?? 1);
  const offset = first.offset * (second?.factor ?? 1) + (second?.offset ?? 0);
  node.opType = 'Conv';
  node.attribute = [
    { name: 'group', type: 2, i: channels },
    { name: 'kernel_shape', type: 7, ints: [1, 1] },
  ];
  node.input = [
    first.value,
    graph.addFloats(new Float32Array(channels).fill(factor), [channels, 1, 1, 1]),
    graph.addFloats(new Float32Array(channels).fill(offset), [channels]),
  ];
  if (next !== undefined && second !== undefined) {
    node.output = next.output;
    graph.remove(next);
  } else {
    graph.changed();
  }
  return true;
}
