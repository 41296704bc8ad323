import { attributeOf, type GraphProto, type NodeProto, type TensorProto } from './onnx-format.js';
import { DATA_TYPE, floatsOf, floatTensor } from './tensors.js';

/** A graph with its edges looked up both ways, for passes that replace nodes. */
export class GraphEditor {
  readonly #constants = new Map<string, TensorProto>();
  readonly #outputs: ReadonlySet<string>;
  #producers = new Map<string, NodeProto>();
  #consumers = new Map<string, NodeProto[]>();
  #added = 0;

  constructor(private readonly graph: GraphProto) {
    this.#outputs = new Set(graph.output.map(({ name }) => name));
    for (const tensor of graph.initializer) this.#constants.set(tensor.name ?? '', tensor);
    for (const node of graph.node) {
      const tensor = node.opType === 'Constant' ? attributeOf(node, 'value')?.t : undefined;
      const [output] = node.output;
      if (tensor !== undefined && output !== undefined) this.#constants.set(output, tensor);
    }
    this.#index();
  }

  get nodes(): readonly NodeProto[] {
    return this.graph.node;
  }

  producerOf(value: string): NodeProto | undefined {
    return this.#producers.get(value);
  }

  /** None when the value is also an output of the graph. */
  consumersOf(value: string): readonly NodeProto[] {
    return this.#outputs.has(value) ? [] : (this.#consumers.get(value) ?? []);
  }

  /** The consumer of a value that has one only. */
  soleConsumerOf(value: string): NodeProto | undefined {
    const [first, ...others] = this.consumersOf(value);
    return others.length === 0 ? first : undefined;
  }

  isOutput(value: string): boolean {
    return this.#outputs.has(value);
  }

  isConstant(value: string): boolean {
    return this.#constants.has(value);
  }

  /** Values of a constant float tensor. */
  floats(
    value: string | undefined,
  ): { readonly data: Float32Array; readonly dims: readonly number[] } | undefined {
    const tensor = value === undefined ? undefined : this.#constants.get(value);
    if (tensor === undefined || tensor.dataType !== DATA_TYPE.FLOAT) return undefined;
    return { data: floatsOf(tensor), dims: tensor.dims };
  }

  /** The value of a constant that holds exactly one. */
  scalar(value: string | undefined): number | undefined {
    const constant = this.floats(value);
    return constant?.data.length === 1 ? constant.data[0] : undefined;
  }

  /** Adds a constant and answers its name. */
  addFloats(data: Float32Array, dims: readonly number[]): string {
    const name = `simplified.${this.#added++}`;
    const tensor = floatTensor(name, dims, data);
    this.graph.initializer.push(tensor);
    this.#constants.set(name, tensor);
    return name;
  }

  has(node: NodeProto): boolean {
    return this.graph.node.includes(node);
  }

  /** Takes nodes out; whoever read their outputs must have been changed before. */
  remove(...nodes: readonly NodeProto[]): void {
    const gone = new Set(nodes);
    this.graph.node = this.graph.node.filter((node) => !gone.has(node));
    this.#index();
  }

  /** Call after changing a node's inputs or outputs in place. */
  changed(): void {
    this.#index();
  }

  /** Drops constants that nothing reads any more. */
  dropUnusedConstants(): void {
    const used = (name: string | undefined): boolean =>
      name !== undefined && (this.#consumers.has(name) || this.#outputs.has(name));
    this.graph.node = this.graph.node.filter(
      ({ opType, output: [name] }) => opType !== 'Constant' || used(name),
    );
    this.graph.initializer = this.graph.initializer.filter(({ name }) => used(name));
  }

  #index(): void {
    this.#producers = new Map();
    this.#consumers = new Map();
    for (const node of this.graph.node) {
      for (const output of node.output) this.#producers.set(output, node);
      for (const input of node.input) {
        const readers = this.#consumers.get(input);
        if (readers === undefined) this.#consumers.set(input, [node]);
        else readers.push(node);
      }
    }
  }
}
