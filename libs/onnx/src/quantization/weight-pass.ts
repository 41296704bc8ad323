import { attributeOf, type GraphProto, type NodeProto, subgraphsOf } from '../graph/onnx-format.js';
import { type Constant, Scope } from '../graph/scope.js';
import { DATA_TYPE, elementsOf, isExternal } from '../graph/tensors.js';
import type { Ledger } from './report.js';

/** Domain of the operators that ONNX Runtime adds to the standard. */
export const MICROSOFT = 'com.microsoft';

interface WeightOptions {
  /** Nodes with fewer weights stay: what they save is less than what rounding their input costs. */
  readonly leastWeights: number;
  readonly isExcluded: (node: NodeProto) => boolean;
}

/** Weights of a node under the name of the constant that holds them. */
export interface Weights extends Constant {
  readonly name: string;
  /** The node reads their transpose. */
  readonly isTurned: boolean;
}

/** Replaces single nodes by others. Answers whether it has emitted a replacement. */
export interface WeightPass {
  readonly operators: ReadonlyMap<string, (rewrite: Rewrite, node: NodeProto) => boolean>;
}

/** Runs a pass over a graph and over the graphs inside its nodes. */
export function rewriteWeights(
  graph: GraphProto,
  pass: WeightPass,
  options: WeightOptions,
  ledger: Ledger,
  outer?: Scope,
  suffix = '',
): void {
  const scope = new Scope(graph, outer);
  for (const [index, node] of graph.node.entries()) {
    for (const inner of subgraphsOf(node)) {
      rewriteWeights(inner, pass, options, ledger, scope, `${suffix}.in${index}`);
    }
  }
  const rewrite = new Rewrite(scope, options, ledger, suffix);
  // A node may move ahead of the constants that a node it absorbs has read.
  const { constants = [], others = [] } = Object.groupBy(graph.node, ({ opType }) =>
    opType === 'Constant' ? 'constants' : 'others',
  );
  rewrite.emit(...constants);
  for (const node of others) {
    if (rewrite.isAbsorbed(node)) continue;
    const isStandard = (node.domain ?? '') === '' || node.domain === 'ai.onnx';
    const replace = isStandard ? pass.operators.get(node.opType) : undefined;
    if (replace?.(rewrite, node) === true) continue;
    if (replace === undefined) rewrite.keepUnknown(node);
    rewrite.emit(node);
  }
  graph.node = rewrite.nodes;
}

/** A graph that is being written anew, node by node. */
export class Rewrite {
  readonly nodes: NodeProto[] = [];
  readonly #absorbed = new Set<NodeProto>();
  readonly #emitted = new Set<string>();

  constructor(
    readonly scope: Scope,
    private readonly options: WeightOptions,
    private readonly ledger: Ledger,
    private readonly suffix: string,
  ) {}

  /** A name for a new value; those of inner graphs differ from what they could see outside. */
  local(name: string): string {
    return name + this.suffix;
  }

  emit(...nodes: readonly NodeProto[]): void {
    this.nodes.push(...nodes);
  }

  /** A node that several others read, told by its first output. */
  emitOnce(node: NodeProto): void {
    const [output = ''] = node.output;
    if (this.#emitted.has(output)) return;
    this.#emitted.add(output);
    this.nodes.push(node);
  }

  /** Leaves a later node out, because another one does its work. */
  absorb(node: NodeProto): void {
    this.#absorbed.add(node);
  }

  isAbsorbed(node: NodeProto): boolean {
    return this.#absorbed.has(node);
  }

  change(node: NodeProto, into: string): void {
    this.ledger.change(node, into);
  }

  keep(node: NodeProto, reason: string): false {
    this.ledger.keep(node, reason);
    return false;
  }

  /** Tells of an operator that the pass does not know, when it holds as many weights as one that it does. */
  keepUnknown(node: NodeProto): void {
    const most = node.input
      .map((name) => this.scope.constant(name)?.tensor)
      .filter((one) => one !== undefined);
    const weights = Math.max(0, ...most.map(({ dims }) => elementsOf(dims)));
    if (weights >= this.options.leastWeights)
      this.ledger.keep(node, 'the operator has no form in fewer bits here');
  }

  /**
   * Float weights of a node that may be changed: an input that is constant, or the transpose of a constant,
   * and has one of these numbers of sides. When both inputs are computed there are no weights and nothing
   * to report.
   */
  weightsOf(node: NodeProto, index: number, sides: readonly number[]): Weights | undefined {
    const found = this.#constantOf(node.input[index] ?? '');
    if (found === undefined || found.tensor.dataType !== DATA_TYPE.FLOAT) return undefined;
    const reason = this.#reasonAgainst(node, found, sides);
    if (reason === undefined) return found;
    this.ledger.keep(node, reason);
    return undefined;
  }

  /** Models that share one table between their first and last layer turn it on the way. */
  #constantOf(name: string): Weights | undefined {
    const constant = this.scope.constant(name);
    if (constant !== undefined) return { ...constant, name, isTurned: false };
    const producer = this.scope.producerOf(name);
    const source = this.scope.constant(producer?.input[0]);
    if (producer?.opType !== 'Transpose' || source?.tensor.dims.length !== 2) return undefined;
    const [first = 1] = attributeOf(producer, 'perm')?.ints ?? [];
    return first === 1 ? { ...source, name: producer.input[0] ?? '', isTurned: true } : undefined;
  }

  #reasonAgainst(node: NodeProto, { tensor }: Constant, sides: readonly number[]): string | undefined {
    const { leastWeights, isExcluded } = this.options;
    const { dims } = tensor;
    if (isExcluded(node)) return 'excluded by the caller';
    if (!sides.includes(dims.length)) return `its weights have ${dims.length} sides`;
    if (elementsOf(dims) < leastWeights) {
      return `it has ${elementsOf(dims)} weights, fewer than ${leastWeights}`;
    }
    return isExternal(tensor) ? 'its weights are in another file' : undefined;
  }
}

export const named = ({ name }: NodeProto): { name?: string } => (name === undefined ? {} : { name });

/** Value to value of another element type. */
export function castNode(from: string, to: string, dataType: number): NodeProto {
  return {
    name: `${to}/Cast`,
    opType: 'Cast',
    input: [from],
    output: [to],
    attribute: [{ name: 'to', type: 2, i: dataType }],
  };
}
