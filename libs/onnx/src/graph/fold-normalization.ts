import type { GraphEditor } from './graph-editor.js';
import { attributeOf, type NodeProto } from './onnx-format.js';

/** Added to the variance where the node names nothing else, by the operator's definition. */
const EPSILON = 1e-5;

/**
 * `Conv` followed by `BatchNormalization` is a `Conv` with other weights: per channel a factor and an
 * offset. ONNX Runtime does the same for float32; done before, it serves all variants, and no variance
 * has to be told in float16.
 */
export function foldNormalization(graph: GraphEditor, node: NodeProto): boolean {
  if (node.opType !== 'BatchNormalization' || node.output.filter((name) => name !== '').length > 1)
    return false;
  const [input = '', ...parameters] = node.input;
  const producer = graph.producerOf(input);
  if (producer?.opType !== 'Conv' || graph.soleConsumerOf(input) !== node) return false;
  const [scale, offset, mean, variance] = parameters.map((name) => graph.floats(name)?.data);
  const weights = graph.floats(producer.input[1]);
  const hasBias = (producer.input[2] ?? '') !== '';
  const bias = hasBias ? graph.floats(producer.input[2])?.data : new Float32Array(scale?.length ?? 0);
  if (!scale || !offset || !mean || !variance || !weights || !bias) return false;

  const epsilon = attributeOf(node, 'epsilon')?.f ?? EPSILON;
  const factors = scale.map((value, channel) => value / Math.sqrt((variance[channel] ?? 0) + epsilon));
  const taps = weights.data.length / factors.length;
  producer.input = [
    producer.input[0] ?? '',
    graph.addFloats(
      weights.data.map((weight, index) => weight * (factors[Math.floor(index / taps)] ?? 1)),
      weights.dims,
    ),
    graph.addFloats(
      bias.map(
        (value, channel) => (value - (mean[channel] ?? 0)) * (factors[channel] ?? 1) + (offset[channel] ?? 0),
      ),
      [factors.length],
    ),
  ];
  producer.output = node.output.slice(0, 1);
  graph.remove(node);
  return true;
}
