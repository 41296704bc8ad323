import type { ModelProto } from './onnx-format.js';
import { DATA_TYPE, int64Tensor } from './tensors.js';

const SEQUENCE_CONSTRUCT = 11;
const SEED = 'unconverted.seed';
/** First output of a model that {@link leaveOutputsUnconverted} has changed. */
export const UNCONVERTED = 'unconverted';

/**
 * Gives a model whose outputs are all written to arrays of the caller a first output that is no tensor.
 *
 * @NOTE onnxruntime-node copies every output into a new array, those too that were written to the caller's own
 * (`OrtValueToNapiValue` in js/node/src/tensor_helper.cc), which for a key-value cache is most of a step's time.
 * It converts them in the model's order and refuses what is no tensor: by then all is computed and in place, and
 * nothing more is copied. A version that converts it gives the same results, later.
 * @returns whether the model's operator set has sequences
 */
export function leaveOutputsUnconverted(model: ModelProto): boolean {
  const operatorSet = model.opsetImport.find(({ domain = '' }) => domain === '' || domain === 'ai.onnx');
  if ((operatorSet?.version ?? 0) < SEQUENCE_CONSTRUCT) return false;
  const { graph } = model;
  graph.initializer.push(int64Tensor(SEED, [1], [0]));
  graph.node.push({
    name: 'unconverted/SequenceConstruct',
    opType: 'SequenceConstruct',
    input: [SEED],
    output: [UNCONVERTED],
    attribute: [],
  });
  const elemType = { tensorType: { elemType: DATA_TYPE.INT64 } };
  graph.output.unshift({ name: UNCONVERTED, type: { sequenceType: { elemType } } });
  return true;
}

/** Whether a run ended by the output that is no tensor, that is, when all others had been computed. */
export function endedUnconverted(error: unknown): boolean {
  return error instanceof Error && /Non tensor type is temporarily not supported/u.test(error.message);
}
