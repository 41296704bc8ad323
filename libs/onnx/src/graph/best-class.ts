import type { ModelProto, TypeProto } from './onnx-format.js';
import { DATA_TYPE } from './tensors.js';

/** The last operator set in which the reduced axes are an attribute. */
const NEWEST_OPERATOR_SET = 17;
const FLOATS_OF_ANY_SHAPE: TypeProto = { tensorType: { elemType: DATA_TYPE.FLOAT } };

export const BEST_CLASS = 'best-class';
export const BEST_PROBABILITY = 'best-probability';

/**
 * Replaces the model's one output of probabilities by the best class and its probability along an axis:
 * thousands of numbers per place stay inside instead of being copied out to be compared there.
 */
export function answerBestClass(model: ModelProto, axis: number): void {
  const { graph } = model;
  const [output, ...others] = graph.output;
  const operatorSet = model.opsetImport.find(({ domain = '' }) => domain === '')?.version ?? 0;
  if (output === undefined || others.length > 0 || operatorSet > NEWEST_OPERATOR_SET) {
    throw new RangeError('Best classes can be had of a model with one output, of operator set 17 or older');
  }
  const keep = { name: 'keepdims', type: 2, i: 0 };
  graph.node.push(
    {
      opType: 'ArgMax',
      input: [output.name],
      output: ['best-class.index'],
      attribute: [{ name: 'axis', type: 2, i: axis }, keep],
    },
    {
      opType: 'Cast',
      input: ['best-class.index'],
      output: [BEST_CLASS],
      attribute: [{ name: 'to', type: 2, i: 1 }],
    },
    {
      opType: 'ReduceMax',
      input: [output.name],
      output: [BEST_PROBABILITY],
      attribute: [{ name: 'axes', type: 7, ints: [axis] }, keep],
    },
  );
  graph.output = [BEST_CLASS, BEST_PROBABILITY].map((name) => ({ name, type: FLOATS_OF_ANY_SHAPE }));
}
