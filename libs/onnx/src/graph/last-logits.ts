import { GraphEditor } from './graph-editor.js';
import type { ModelProto, NodeProto } from './onnx-format.js';
import { int64Tensor } from './tensors.js';

/** Multiply each position of their first input by weights. */
const PRODUCTS = new Set([
  'MatMul',
  'MatMulInteger',
  'MatMulIntegerToFloat',
  'MatMulNBits',
  'DynamicQuantizeMatMul',
]);
/** What converters put behind the product: scales, a bias, a soft limit. */
const ELEMENTWISE = new Set(['Add', 'Cast', 'Div', 'Mul', 'Tanh']);
/** Prepare the input of a product. */
const ROUNDING = new Set(['Cast', 'DynamicQuantizeLinear']);
const SEQUENCE = 1;
/** Operator set from which `Slice` takes its limits as inputs. */
const SLICE_BY_INPUTS = 10;
const TO_THE_END = Number.MAX_SAFE_INTEGER;

/**
 * Makes a language model answer the logits of the last position of each row only: what is multiplied by the
 * vocabulary's weights is cut before it. A prompt of 128 tokens and a vocabulary of 150 000 are 77 MB of logits
 * otherwise, of which one row is read. A graph whose end is not recognised stays as it is; answers whether it changed.
 */
export function answerLastLogits(model: ModelProto): boolean {
  const graph = new GraphEditor(model.graph);
  const output = model.graph.output.find(({ name }) => name === 'logits');
  const sides = output?.type?.tensorType?.shape?.dim;
  const operatorSet =
    model.opsetImport.find(({ domain = '' }) => domain === '' || domain === 'ai.onnx')?.version ?? 0;
  if (output === undefined || sides?.length !== 3 || operatorSet < SLICE_BY_INPUTS) return false;
  const tail = tailOf(graph, output.name);
  if (tail === undefined) return false;
  const names = ['last_logits.starts', 'last_logits.ends', 'last_logits.axes'];
  [-1, TO_THE_END, SEQUENCE].forEach((value, index) => {
    model.graph.initializer.push(int64Tensor(names[index] ?? '', [1], [value]));
  });
  const last = 'last_logits.state';
  for (const node of tail.nodes) node.input = node.input.map((name) => (name === tail.state ? last : name));
  const slice: NodeProto = {
    name: 'last_logits/Slice',
    opType: 'Slice',
    input: [tail.state, ...names],
    output: [last],
    attribute: [],
  };
  const before = model.graph.node.findIndex((node) => tail.nodes.has(node));
  model.graph.node.splice(before, 0, slice);
  sides[SEQUENCE] = { dimValue: 1 };
  const changed = new Set([...tail.nodes].flatMap((node) => node.output));
  model.graph.valueInfo = model.graph.valueInfo.filter(({ name }) => !changed.has(name));
  return true;
}

interface Tail {
  /** What the last product multiplies. */
  readonly state: string;
  /** From there to the logits. */
  readonly nodes: ReadonlySet<NodeProto>;
}

function tailOf(graph: GraphEditor, logits: string): Tail | undefined {
  const nodes = new Set<NodeProto>();
  const state = stateBehind(graph, logits, nodes);
  if (state === undefined) return undefined;
  const read = (value: string): readonly NodeProto[] => (value === logits ? [] : graph.consumersOf(value));
  const leaks = [...nodes].some(({ output }) =>
    output.some((value) => read(value).some((node) => !nodes.has(node))),
  );
  const endsHere = [...nodes].some(({ output }) =>
    output.some((value) => value !== logits && graph.isOutput(value)),
  );
  return leaks || endsHere ? undefined : { state, nodes };
}

/** The one value behind the product that a value comes from; none when it comes from more, or in another way. */
function stateBehind(graph: GraphEditor, value: string, nodes: Set<NodeProto>): string | undefined {
  const node = graph.producerOf(value);
  if (node === undefined) return undefined;
  if (node.opType === 'DynamicQuantizeLinear') return stateBefore(graph, value, nodes);
  const isProduct = PRODUCTS.has(node.opType);
  if (!isProduct && !ELEMENTWISE.has(node.opType)) return undefined;
  nodes.add(node);
  const [first = '', ...others] = node.input;
  const from = others
    .filter((name) => name !== '' && !isConstant(graph, name))
    .map((name) => stateBehind(graph, name, nodes));
  if (isProduct) from.push(stateBefore(graph, first, nodes));
  else if (!isConstant(graph, first)) from.push(stateBehind(graph, first, nodes));
  const [state] = from;
  return from.every((one) => one === state) ? state : undefined;
}

function stateBefore(graph: GraphEditor, value: string, nodes: Set<NodeProto>): string {
  const node = graph.producerOf(value);
  if (node === undefined || !ROUNDING.has(node.opType)) return value;
  nodes.add(node);
  return stateBefore(graph, node.input[0] ?? '', nodes);
}

function isConstant(graph: GraphEditor, value: string): boolean {
  if (graph.isConstant(value)) return true;
  const node = graph.producerOf(value);
  return node !== undefined && node.input.length > 0 && node.input.every((name) => isConstant(graph, name));
}
