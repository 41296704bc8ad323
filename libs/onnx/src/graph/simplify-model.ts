import { foldIntoConsumers, foldIntoProducer, turnIntoConv } from './affine.js';
import { answerBestClass } from './best-class.js';
import { foldNormalization } from './fold-normalization.js';
import { GraphEditor } from './graph-editor.js';
import { collapseHardSwish } from './hard-swish.js';
import { decodeModel, encodeModel, type ModelProto, type NodeProto, subgraphsOf } from './onnx-format.js';
import { isExternal } from './tensors.js';

export interface SimplifyOptions {
  /** Answer the best class along this axis, and its probability, in place of all probabilities. */
  readonly bestClassAxis?: number | undefined;
}

/** Elementwise operators keep the channels of their input. */
const CHANNEL_KEEPING = new Set(['Mul', 'Add', 'HardSigmoid', 'Relu', 'BatchNormalization', 'Clip']);

/**
 * The same function in fewer nodes: activations that a converter spelled out are put together, scalar
 * steps move into the weights of their neighbours. ONNX Runtime's own optimiser leaves these, and half
 * the time of a small convolutional network goes into them. Equal up to rounding in the last bits.
 * A model that holds more than plain nodes comes back as it was.
 */
export function simplifyModel(bytes: Uint8Array, options: SimplifyOptions = {}): Uint8Array {
  const model = decodeModel(bytes);
  if (!isPlain(model)) {
    if (options.bestClassAxis !== undefined) throw new RangeError('This model cannot be changed');
    return bytes;
  }
  if (options.bestClassAxis !== undefined) answerBestClass(model, options.bestClassAxis);
  const graph = new GraphEditor(model.graph);
  untilNothingChanges(graph, collapseHardSwish);
  untilNothingChanges(graph, foldNormalization);
  untilNothingChanges(graph, foldIntoProducer);
  untilNothingChanges(graph, foldIntoConsumers);
  const channels = channelCounts(graph);
  untilNothingChanges(graph, (editor, node) => turnIntoConv(editor, node, (value) => channels.get(value)));
  graph.dropUnusedConstants();
  return encodeModel(model);
}

/** Nodes and constants only: nothing elsewhere that could read a value which a pass takes away. */
function isPlain({ graph, functions = [], trainingInfo = [] }: ModelProto): boolean {
  const { quantizationAnnotation = [], sparseInitializer = [] } = graph;
  const beyond = [...functions, ...trainingInfo, ...quantizationAnnotation, ...sparseInitializer];
  const nested = graph.node.some((node) => subgraphsOf(node).length > 0);
  return beyond.length === 0 && !nested && !graph.initializer.some(isExternal);
}

function untilNothingChanges(
  graph: GraphEditor,
  pass: (graph: GraphEditor, node: NodeProto) => boolean,
): void {
  let changed = true;
  while (changed)
    changed = [...graph.nodes].filter((node) => graph.has(node) && pass(graph, node)).length > 0;
}

/** Channels of every value that comes out of a convolution, straight or through elementwise nodes. */
function channelCounts(graph: GraphEditor): Map<string, number> {
  const channels = new Map<string, number>();
  for (const { opType, input, output } of graph.nodes) {
    const [name = ''] = output;
    const count =
      opType === 'Conv'
        ? graph.floats(input[1])?.dims[0]
        : CHANNEL_KEEPING.has(opType)
          ? input.map((value) => channels.get(value)).find((known) => known !== undefined)
          : undefined;
    if (count !== undefined) channels.set(name, count);
  }
  return channels;
}
