import type { ModelManifestInput } from '@trivium/contracts/model-manifest';
import type { Datatype } from '@trivium/contracts/tensor';
import {
  ATTRIBUTE_TYPE,
  type AttributeProto,
  encodeModel,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from '../graph/onnx-format.js';
import { DATA_TYPE, type DataTypeName, elementsOf, floatTensor, int64Tensor } from '../graph/tensors.js';
import { Random } from '../inspection/random.js';

/** A number is a fixed side; a name is one that varies, the same name the same side. */
export type Side = number | string;

type AttributeValue =
  number | string | readonly number[] | TensorProto | GraphProto | { readonly float: number };

export interface NodeOptions {
  readonly name?: string | undefined;
  readonly domain?: string | undefined;
  /** Names of the outputs; absent: one, with a name of its own. */
  readonly outputs?: readonly string[] | undefined;
  readonly attributes?: Readonly<Record<string, AttributeValue>> | undefined;
}

/** A model with the part of its manifest that follows from its graph. */
export interface SyntheticModel {
  readonly bytes: Uint8Array;
  readonly manifest: ModelManifestInput;
}

const DATATYPES: Readonly<Partial<Record<DataTypeName, Datatype>>> = {
  BOOL: 'BOOL',
  UINT8: 'UINT8',
  UINT16: 'UINT16',
  UINT32: 'UINT32',
  UINT64: 'UINT64',
  INT8: 'INT8',
  INT16: 'INT16',
  INT32: 'INT32',
  INT64: 'INT64',
  FLOAT16: 'FP16',
  BFLOAT16: 'BF16',
  FLOAT: 'FP32',
  DOUBLE: 'FP64',
  STRING: 'BYTES',
};

/** Builds a graph node by node; every value is named by the string that the method answers. */
export class GraphBuilder {
  readonly random: Random;
  readonly #graph: GraphProto;
  readonly #domains = new Set<string>();

  constructor(
    private readonly name: string,
    seed = 1,
  ) {
    this.random = new Random(seed);
    this.#graph = { name, node: [], initializer: [], input: [], output: [], valueInfo: [] };
  }

  input(name: string, type: DataTypeName, sides: readonly Side[]): string {
    this.#graph.input.push(valueInfo(name, type, sides));
    return name;
  }

  output(name: string, type: DataTypeName, sides: readonly Side[]): string {
    this.#graph.output.push(valueInfo(name, type, sides));
    return name;
  }

  /** Adds a node and answers the name of its first output. */
  node(opType: string, input: readonly string[], options: NodeOptions = {}): string {
    const { attributes = {}, domain, name = `${opType}_${this.#graph.node.length}` } = options;
    const output = options.outputs ?? [`${name}_out`];
    const attribute = Object.entries(attributes).map(([key, value]) => attributeProto(key, value));
    const node: NodeProto = { name, opType, input: [...input], output: [...output], attribute };
    if (domain !== undefined) {
      node.domain = domain;
      this.#domains.add(domain);
    }
    this.#graph.node.push(node);
    const [first = ''] = output;
    return first;
  }

  constant(tensor: TensorProto): string {
    this.#graph.initializer.push(tensor);
    return tensor.name ?? '';
  }

  floats(name: string, dims: readonly number[], data: Float32Array): string {
    return this.constant(floatTensor(name, dims, data));
  }

  scalar(name: string, value: number): string {
    return this.floats(name, [], Float32Array.of(value));
  }

  integers(name: string, ...values: readonly number[]): string {
    return this.constant(int64Tensor(name, [values.length], values));
  }

  /** Weights from a normal distribution. */
  weights(name: string, dims: readonly number[], deviation: number): string {
    return this.floats(name, dims, this.random.normals(elementsOf(dims), deviation));
  }

  /** `input @ weights + bias`, as converters write a linear layer. */
  linear(name: string, input: string, from: number, to: number, deviation = 1 / Math.sqrt(from)): string {
    const product = this.node('MatMul', [input, this.weights(`${name}.weight`, [from, to], deviation)], {
      name: `${name}/MatMul`,
    });
    return this.node('Add', [product, this.weights(`${name}.bias`, [to], deviation)], {
      name: `${name}/Add`,
    });
  }

  /** The graph itself, for use inside a node. */
  graph(): GraphProto {
    return this.#graph;
  }

  proto(operatorSet = 17): ModelProto {
    const domains = [...this.#domains].map((domain) => ({ domain, version: 1 }));
    return {
      irVersion: 8,
      producerName: 'trivium',
      opsetImport: [{ domain: '', version: operatorSet }, ...domains],
      graph: this.#graph,
    };
  }

  /** With `batch` (most items of a run) the first side of all inputs and outputs is the batch. */
  model(options: Partial<ModelManifestInput> & { readonly batch?: number | undefined } = {}): SyntheticModel {
    const { batch = 0, ...manifest } = options;
    const spec = (value: ValueInfoProto) => tensorSpec(value, batch > 0);
    return {
      bytes: encodeModel(this.proto()),
      manifest: {
        id: this.name,
        task: 'tensors',
        licence: 'Apache-2.0',
        commercial_use: true,
        max_batch_size: batch,
        input: this.#graph.input.map(spec),
        output: this.#graph.output.map(spec),
        ...manifest,
      },
    };
  }
}

function valueInfo(name: string, type: DataTypeName, sides: readonly Side[]): ValueInfoProto {
  const dim = sides.map((side) => (typeof side === 'number' ? { dimValue: side } : { dimParam: side }));
  return { name, type: { tensorType: { elemType: DATA_TYPE[type], shape: { dim } } } };
}

function tensorSpec({ name, type }: ValueInfoProto, isBatched: boolean) {
  const { elemType, shape } = type?.tensorType ?? {};
  const dims = (shape?.dim ?? []).map(({ dimValue = -1 }) => dimValue);
  const found = Object.entries(DATA_TYPE).find(([, code]) => code === elemType);
  const data_type = DATATYPES[found?.[0] as DataTypeName];
  if (data_type === undefined) throw new RangeError(`${name} has a type that requests cannot carry`);
  return { name, data_type, dims: isBatched ? dims.slice(1) : dims };
}

function attributeProto(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === 'number') return { name, type: ATTRIBUTE_TYPE.INT, i: value };
  if (typeof value === 'string') return { name, type: ATTRIBUTE_TYPE.STRING, s: Buffer.from(value) };
  if (Array.isArray(value)) return { name, type: ATTRIBUTE_TYPE.INTS, ints: [...(value as number[])] };
  if ('float' in value) return { name, type: ATTRIBUTE_TYPE.FLOAT, f: value.float };
  if ('node' in value) return { name, type: ATTRIBUTE_TYPE.GRAPH, g: value };
  return { name, type: ATTRIBUTE_TYPE.TENSOR, t: value as TensorProto };
}
