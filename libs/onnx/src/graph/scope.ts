import { attributeOf, type GraphProto, graphsOf, type NodeProto, type TensorProto } from './onnx-format.js';

export interface Constant {
  readonly tensor: TensorProto;
  /** Where it is defined, and where its successors belong, so that everyone who saw it sees them. */
  readonly scope: Scope;
}

/** What the nodes of a graph can see: its own values and those of the graphs around it. */
export class Scope {
  readonly #constants = new Map<string, TensorProto>();
  readonly #producers = new Map<string, NodeProto>();
  readonly #consumers = new Map<string, NodeProto[]>();
  readonly #escaping: ReadonlySet<string>;

  constructor(
    readonly graph: GraphProto,
    private readonly outer?: Scope,
  ) {
    const inputs = new Set(graph.input.map(({ name }) => name)); // an initializer that is an input can be replaced
    for (const tensor of graph.initializer) {
      if (!inputs.has(tensor.name ?? '')) this.#constants.set(tensor.name ?? '', tensor);
    }
    for (const node of graph.node) {
      const tensor = node.opType === 'Constant' ? attributeOf(node, 'value')?.t : undefined;
      if (tensor !== undefined) this.#constants.set(node.output[0] ?? '', tensor);
      for (const output of node.output) this.#producers.set(output, node);
      for (const input of new Set(node.input)) {
        const readers = this.#consumers.get(input);
        if (readers === undefined) this.#consumers.set(input, [node]);
        else readers.push(node);
      }
    }
    this.#escaping = new Set([...graph.output.map(({ name }) => name), ...namesReadInside(graph)]);
  }

  constant(name: string | undefined): Constant | undefined {
    if (name === undefined || name === '') return undefined;
    const tensor = this.#constants.get(name);
    return tensor === undefined ? this.outer?.constant(name) : { tensor, scope: this };
  }

  /** The node of this graph that makes a value. */
  producerOf(value: string): NodeProto | undefined {
    return this.#producers.get(value);
  }

  /** The one node that reads a value; none when several do, or an inner graph, or the caller. */
  soleConsumerOf(value: string): NodeProto | undefined {
    const [first, ...others] = this.#consumers.get(value) ?? [];
    return others.length > 0 || this.#escaping.has(value) ? undefined : first;
  }

  /** Adds a constant and answers its name. */
  add(tensor: TensorProto): string {
    const name = tensor.name ?? '';
    this.graph.initializer.push(tensor);
    this.#constants.set(name, tensor);
    return name;
  }
}

/** Values that graphs inside this graph's nodes read. */
function namesReadInside(graph: GraphProto): Set<string> {
  const names = new Set<string>();
  for (const inner of graphsOf(graph)) {
    if (inner === graph) continue;
    for (const { input } of inner.node) for (const name of input) names.add(name);
    for (const { name } of inner.output) names.add(name);
  }
  return names;
}

/** Drops nodes and constants that nothing reads, in the graph and in those inside it. */
export function dropUnused(graph: GraphProto): void {
  let dropped = true;
  while (dropped) {
    const used = new Set<string>();
    for (const one of graphsOf(graph)) {
      for (const { input } of one.node) for (const name of input) used.add(name);
      for (const { name } of one.output) used.add(name);
    }
    dropped = [...graphsOf(graph)].filter((one) => dropFrom(one, used)).length > 0;
  }
}

function dropFrom(graph: GraphProto, used: ReadonlySet<string>): boolean {
  const inputs = new Set(graph.input.map(({ name }) => name));
  const isUsed = (name = ''): boolean => used.has(name) || inputs.has(name);
  const before = graph.node.length;
  graph.initializer = graph.initializer.filter(({ name }) => isUsed(name));
  graph.node = graph.node.filter(({ output }) => output.some(isUsed));
  return graph.node.length < before;
}
