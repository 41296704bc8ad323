import { DomainError } from '@trivium/contracts';
import {
  attributeOf,
  type GraphProto,
  graphsOf,
  intOf,
  type ModelProto,
  type NodeProto,
  subgraphsOf,
  type TensorProto,
} from '../graph/onnx-format.js';
import { DATA_TYPE, floatsOf, isExternal, tensor, tensorBytes } from '../graph/tensors.js';
import { outputTypes } from '../graph/value-types.js';
import type { Ledger } from './report.js';
import { halfPrecision } from './rounding.js';
import { castNode, MICROSOFT } from './weight-pass.js';

const { FLOAT, FLOAT16 } = DATA_TYPE;

/**
 * Operators that stay float32: sums over many elements and powers leave the range of float16 or its 11
 * bits, variances of single channels lie below it; the others are not defined for it. `Softmax` and `LayerNormalization` are converted: the kernels
 * for float16 add up in float32 by themselves. The second half is what onnxconverter-common blocks.
 */
const KEPT = new Set([
  ...['ReduceSum', 'ReduceMean', 'ReduceProd', 'ReduceSumSquare', 'ReduceL1', 'ReduceL2', 'ReduceLogSum'],
  ...['ReduceLogSumExp', 'CumSum', 'Pow', 'LpNormalization', 'GlobalLpPool', 'InstanceNormalization'],
  ...[
    'BatchNormalization',
    'Resize',
    'Upsample',
    'NonMaxSuppression',
    'TopK',
    'RoiAlign',
    'Range',
    'Min',
    'Max',
    'GridSample',
  ],
  ...['RandomNormal', 'RandomNormalLike', 'RandomUniform', 'RandomUniformLike', 'Multinomial', 'Bernoulli'],
  ...['EyeLike', 'DFT', 'STFT', 'MelWeightMatrix', 'HannWindow', 'HammingWindow', 'BlackmanWindow'],
  ...['QuantizeLinear', 'DequantizeLinear', 'DynamicQuantizeLinear', 'NegativeLogLikelihoodLoss'],
]);

/** ONNX Runtime's own operators that have float16 kernels; its other ones stay float32. */
const MICROSOFT_HALVES = new Set([
  ...['Attention', 'MultiHeadAttention', 'GroupQueryAttention', 'RotaryEmbedding', 'FusedMatMul', 'Gelu'],
  ...['BiasGelu', 'FastGelu', 'QuickGelu', 'SkipLayerNormalization', 'EmbedLayerNormalization', 'BiasAdd'],
  ...['SimplifiedLayerNormalization', 'SkipSimplifiedLayerNormalization', 'FusedConv', 'FusedGemm'],
]);

/** A float value under its names: as float32, as float16, or both. */
interface FloatValue {
  wide?: string;
  half?: string;
  /** A constant is rounded rather than cast. */
  readonly constant?: TensorProto | undefined;
}

/** @throws DomainError `invalid_request` when the model holds what cannot be converted */
export function toHalfPrecision(
  model: ModelProto,
  isExcluded: (node: NodeProto) => boolean,
  ledger: Ledger,
): void {
  refuseUnconvertible(model);
  new HalfGraph(model.graph, isExcluded, ledger).convert();
  for (const graph of graphsOf(model.graph)) graph.valueInfo = []; // their types are not what they were
}

function refuseUnconvertible({ graph, functions = [], trainingInfo = [] }: ModelProto): void {
  const refuse = (what: string): never => {
    throw new DomainError('invalid_request', `A model with ${what} cannot be converted to fp16`);
  };
  if (functions.length > 0) refuse('functions of its own');
  if (trainingInfo.length > 0) refuse('training information');
  for (const { sparseInitializer = [], node, initializer } of graphsOf(graph)) {
    if (sparseInitializer.length > 0) refuse('sparse weights');
    for (const { opType } of node) if (/^(Sequence|Optional|SplitToSequence)/.test(opType)) refuse(opType);
    for (const one of initializer) if (isExternal(one)) refuse('weights in other files');
  }
}

/** One graph on its way; inner graphs see the values of those around them. */
class HalfGraph {
  readonly #floats = new Map<string, FloatValue>();
  readonly #others = new Map<string, number>();
  readonly #nodes: NodeProto[] = [];
  readonly #constants: TensorProto[] = [];
  readonly #outputs: ReadonlySet<string>;

  constructor(
    private readonly graph: GraphProto,
    private readonly isExcluded: (node: NodeProto) => boolean,
    private readonly ledger: Ledger,
    private readonly outer?: HalfGraph,
    private readonly suffix = '',
  ) {
    this.#outputs = new Set(graph.output.map(({ name }) => name));
  }

  convert(): void {
    const { graph } = this;
    for (const { name, type } of graph.input) {
      const elementType = type?.tensorType?.elemType;
      if (elementType !== FLOAT) this.#others.set(name, elementType ?? 0);
      else if (this.outer === undefined) this.#floats.set(name, { wide: name });
      else this.#floats.set(name, { half: name });
    }
    for (const constant of graph.initializer) this.#define(constant.name ?? '', constant);
    for (const [index, node] of graph.node.entries()) this.#convert(node, index);
    this.#finishOutputs();
    if (this.outer !== undefined) {
      for (const { type } of [...graph.input, ...graph.output]) {
        if (type?.tensorType?.elemType === FLOAT) type.tensorType.elemType = FLOAT16;
      }
    }
    graph.initializer = this.#constants;
    graph.node = this.#nodes;
  }

  #define(name: string, constant: TensorProto): void {
    if (constant.dataType === FLOAT) {
      const isInput = this.#floats.has(name); // a default that the caller may replace
      if (!isInput) {
        this.#floats.set(name, { constant });
        return;
      }
    } else this.#others.set(name, constant.dataType);
    this.#constants.push(constant);
  }

  #convert(node: NodeProto, index: number): void {
    const value = node.opType === 'Constant' ? attributeOf(node, 'value')?.t : undefined;
    if (value !== undefined) {
      this.#define(node.output[0] ?? '', { ...value, name: node.output[0] ?? '' });
      return;
    }
    const types = outputTypes(node, (name) => this.#typeOf(name));
    const stays = this.#staysWide(node);
    for (const inner of subgraphsOf(node)) {
      new HalfGraph(inner, this.isExcluded, this.ledger, this, `${this.suffix}.in${index}`).convert();
    }
    const isFloat = types.includes(FLOAT) || node.input.some((name) => this.#find(name) !== undefined);
    const converted: NodeProto = {
      ...node,
      input: node.input.map((name) => this.#read(name, stays ? 'wide' : 'half')),
      output: node.output.map((name, place) => this.#write(name, types[place], stays ? 'wide' : 'half')),
    };
    if (!stays) widthAttributes(converted);
    this.#nodes.push(converted);
    if (!isFloat) return;
    if (stays) this.ledger.keep(node, 'it stays float32');
    else this.ledger.change(node, `${node.opType} in float16`);
  }

  #staysWide(node: NodeProto): boolean {
    const { opType, domain = '' } = node;
    if (subgraphsOf(node).length > 0) return false;
    if (opType === 'Constant' || this.isExcluded(node)) return true;
    if (domain === MICROSOFT) return !MICROSOFT_HALVES.has(opType);
    return KEPT.has(opType) || (domain !== '' && domain !== 'ai.onnx');
  }

  #typeOf(name: string): number | undefined {
    if (this.#floats.has(name)) return FLOAT;
    const own = this.#others.get(name);
    return own === undefined && this.outer !== undefined ? this.outer.#typeOf(name) : own;
  }

  #find(name: string): FloatValue | undefined {
    const own = this.#floats.get(name);
    return own === undefined && this.outer !== undefined ? this.outer.#find(name) : own;
  }

  /** The name under which a value is had in a width; makes it if need be, before the node that reads it. */
  #read(name: string, width: 'wide' | 'half'): string {
    const found = this.#find(name);
    if (found === undefined) return name;
    const known = found[width];
    if (known !== undefined) return known;
    if (found.constant !== undefined && this.outer !== undefined && !this.#floats.has(name)) {
      return this.outer.#read(name, width); // where everyone else finds it too
    }
    const local = { ...found };
    const made = `${name}.${width}${this.#floats.has(name) ? '' : this.suffix}`;
    if (found.constant !== undefined) this.#constants.push(constantIn(found.constant, made, width));
    else {
      const from = width === 'half' ? found.wide : found.half;
      this.#nodes.push(castNode(from ?? name, made, width === 'half' ? FLOAT16 : FLOAT));
    }
    local[width] = made;
    this.#floats.set(name, local);
    return made;
  }

  /** The name that a node writes; outputs of the whole graph keep theirs for float32. */
  #write(name: string, type: number | undefined, width: 'wide' | 'half'): string {
    if (type !== FLOAT) {
      this.#others.set(name, type ?? 0);
      return name;
    }
    const isTaken = this.outer === undefined && width === 'half' && this.#outputs.has(name);
    const written = isTaken ? `${name}.half` : name;
    this.#floats.set(name, { [width]: written });
    return written;
  }

  #finishOutputs(): void {
    for (const output of this.graph.output) {
      const value = this.#find(output.name);
      if (value === undefined) continue;
      if (this.outer !== undefined) output.name = this.#read(output.name, 'half');
      else if (value.wide === undefined) {
        if (value.constant !== undefined) this.#constants.push(value.constant);
        else this.#nodes.push(castNode(value.half ?? '', output.name, FLOAT));
      }
    }
  }
}

function constantIn(constant: TensorProto, name: string, width: 'wide' | 'half'): TensorProto {
  if (width === 'wide') return { ...constant, name };
  return tensor(name, 'FLOAT16', constant.dims, halfPrecision(floatsOf(constant)));
}

/** Attributes that name or hold float32. */
function widthAttributes(node: NodeProto): void {
  if (node.opType === 'Cast' && intOf(node, 'to', 0) === FLOAT) {
    node.attribute = [{ name: 'to', type: 2, i: FLOAT16 }];
  }
  if (node.opType !== 'ConstantOfShape') return;
  const value = attributeOf(node, 'value')?.t ?? { dims: [1], dataType: FLOAT, rawData: new Uint8Array(4) };
  if (value.dataType !== FLOAT || tensorBytes(value) === 0) return;
  node.attribute = [{ name: 'value', type: 4, t: constantIn(value, '', 'half') }];
}
