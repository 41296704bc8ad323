import { DomainError } from '@trivium/contracts';
import { MODEL } from './onnx-schema.js';
import { type Extensible, WireError } from './wire.js';
import { decodeMessage } from './wire-reader.js';
import { encodeMessage } from './wire-writer.js';

/** 64-bit: a number where that is exact. */
type Int64 = number | bigint;

export interface StringStringEntry extends Extensible {
  key?: string;
  value?: string;
}

export interface TensorProto extends Extensible {
  name?: string;
  dims: number[];
  dataType: number;
  segment?: { begin?: Int64; end?: Int64 };
  floatData?: number[];
  int32Data?: number[];
  stringData?: Uint8Array[];
  int64Data?: Int64[];
  rawData?: Uint8Array;
  doubleData?: number[];
  uint64Data?: Int64[];
  docString?: string;
  externalData?: StringStringEntry[];
  /** 1: in another file, which `externalData` names. */
  dataLocation?: number;
  metadataProps?: StringStringEntry[];
}

interface SparseTensorProto extends Extensible {
  values?: TensorProto;
  indices?: TensorProto;
  dims: number[];
}

/** A side: a number, a name for one that varies, or nothing known. */
interface DimensionProto extends Extensible {
  dimValue?: number;
  dimParam?: string;
  denotation?: string;
}

interface TensorTypeProto extends Extensible {
  elemType?: number;
  shape?: { dim: DimensionProto[] };
}

export interface TypeProto extends Extensible {
  tensorType?: TensorTypeProto;
  sequenceType?: { elemType?: TypeProto };
  mapType?: { keyType?: number; valueType?: TypeProto };
  denotation?: string;
  opaqueType?: { domain?: string; name?: string };
  sparseTensorType?: TensorTypeProto;
  optionalType?: { elemType?: TypeProto };
}

export interface ValueInfoProto extends Extensible {
  name: string;
  type?: TypeProto;
  docString?: string;
  metadataProps?: StringStringEntry[];
}

export interface AttributeProto extends Extensible {
  name: string;
  type?: number;
  f?: number;
  i?: Int64;
  s?: Uint8Array;
  t?: TensorProto;
  g?: GraphProto;
  floats?: number[];
  ints?: Int64[];
  strings?: Uint8Array[];
  tensors?: TensorProto[];
  graphs?: GraphProto[];
  docString?: string;
  tp?: TypeProto;
  typeProtos?: TypeProto[];
  refAttrName?: string;
  sparseTensor?: SparseTensorProto;
  sparseTensors?: SparseTensorProto[];
}

export interface NodeProto extends Extensible {
  name?: string;
  opType: string;
  domain?: string;
  overload?: string;
  input: string[];
  output: string[];
  attribute: AttributeProto[];
  docString?: string;
  metadataProps?: StringStringEntry[];
}

export interface GraphProto extends Extensible {
  name?: string;
  node: NodeProto[];
  initializer: TensorProto[];
  input: ValueInfoProto[];
  output: ValueInfoProto[];
  valueInfo: ValueInfoProto[];
  docString?: string;
  quantizationAnnotation?: { tensorName?: string; quantParameterTensorNames?: StringStringEntry[] }[];
  sparseInitializer?: SparseTensorProto[];
  metadataProps?: StringStringEntry[];
}

export interface OperatorSetId extends Extensible {
  domain?: string;
  version: number;
}

interface FunctionProto extends Extensible {
  name?: string;
  domain?: string;
  overload?: string;
  input: string[];
  output: string[];
  attribute?: string[];
  attributeProto?: AttributeProto[];
  node: NodeProto[];
  opsetImport: OperatorSetId[];
  valueInfo?: ValueInfoProto[];
  docString?: string;
  metadataProps?: StringStringEntry[];
}

interface TrainingInfoProto extends Extensible {
  initialization?: GraphProto;
  algorithm?: GraphProto;
  initializationBinding?: StringStringEntry[];
  updateBinding?: StringStringEntry[];
}

export interface ModelProto extends Extensible {
  irVersion: number;
  producerName?: string;
  producerVersion?: string;
  domain?: string;
  modelVersion?: Int64;
  docString?: string;
  graph: GraphProto;
  opsetImport: OperatorSetId[];
  metadataProps?: StringStringEntry[];
  trainingInfo?: TrainingInfoProto[];
  functions?: FunctionProto[];
}

/** `AttributeProto.AttributeType`. */
export const ATTRIBUTE_TYPE = {
  FLOAT: 1,
  INT: 2,
  STRING: 3,
  TENSOR: 4,
  GRAPH: 5,
  FLOATS: 6,
  INTS: 7,
  STRINGS: 8,
} as const;

/** Largest model that protobuf can hold; larger ones keep their weights in other files. */
const MAX_BYTES = 2 ** 31 - 1;

/**
 * Reads a model completely: what the schema does not know stays as bytes and is written back. Bytes of
 * tensors are views into `bytes`.
 * @throws DomainError `unsupported_media` when the bytes are no ONNX model
 */
export function decodeModel(bytes: Uint8Array): ModelProto {
  if (bytes.byteLength > MAX_BYTES) throw notOnnx('it is larger than 2 GiB');
  let decoded: Partial<ModelProto>;
  try {
    decoded = decodeMessage(MODEL, bytes) as Partial<ModelProto>;
  } catch (cause) {
    if (cause instanceof WireError) throw notOnnx(`it ${cause.message}`, cause);
    throw cause;
  }
  const { irVersion = 0, graph, opsetImport = [] } = decoded;
  if (irVersion < 1) throw notOnnx('it names no format version');
  if (graph === undefined) throw notOnnx('it holds no graph');
  if (graph.output.length === 0) throw notOnnx('its graph has no output');
  if (opsetImport.length === 0 && irVersion >= 3) throw notOnnx('it names no operator set');
  const model = { ...decoded, irVersion, graph, opsetImport };
  checkNames(model);
  return model;
}

/** What protobuf lets be absent and everything else relies on. */
function checkNames({ graph, functions = [] }: ModelProto): void {
  const graphs = [...graphsOf(graph)];
  for (const { node } of [...graphs, ...functions]) {
    for (const { opType, attribute } of node as Partial<NodeProto>[]) {
      if (opType === undefined) throw notOnnx('one of its nodes names no operator');
      if (attribute?.some(({ name }: Partial<AttributeProto>) => name === undefined) === true) {
        throw notOnnx(`an attribute of ${opType} has no name`);
      }
    }
  }
  for (const { input, output, initializer } of graphs) {
    if ([...input, ...output].some(({ name }: Partial<ValueInfoProto>) => name === undefined)) {
      throw notOnnx('an input or output of a graph has no name');
    }
    for (const { dims, dataType, name = '' } of initializer as (TensorProto & { dataType?: number })[]) {
      if (dataType === undefined) throw notOnnx(`tensor ${name} has no type`);
      if (dims.some((side) => side < 0)) throw notOnnx(`tensor ${name} has a negative side`);
    }
  }
}

export function encodeModel(model: ModelProto): Uint8Array {
  return encodeMessage(MODEL, model);
}

function notOnnx(reason: string, cause?: unknown): DomainError {
  return new DomainError('unsupported_media', `The file is not an ONNX model: ${reason}`, { cause });
}

export function attributeOf(node: NodeProto, name: string): AttributeProto | undefined {
  return node.attribute.find((attribute) => attribute.name === name);
}

/** A whole number that an attribute holds. */
export function intOf(node: NodeProto, name: string, absent: number): number {
  return Number(attributeOf(node, name)?.i ?? absent);
}

/** Graphs inside a node: branches and loop bodies. */
export function subgraphsOf(node: NodeProto): GraphProto[] {
  return node.attribute.flatMap(({ g, graphs = [] }) => (g === undefined ? graphs : [g, ...graphs]));
}

/** A graph and all graphs inside its nodes. */
export function* graphsOf(graph: GraphProto): Generator<GraphProto> {
  yield graph;
  for (const node of graph.node) for (const inner of subgraphsOf(node)) yield* graphsOf(inner);
}
