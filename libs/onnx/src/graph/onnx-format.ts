import protobuf from 'protobufjs';

/**
 * The ONNX interchange format, as far as inference graphs use it. What is missing here would be lost on
 * the way back, so {@link decodeModel} refuses models that need more.
 */
const SCHEMA = `syntax = "proto2";
message Attribute {
  optional string name = 1; optional float f = 2; optional int64 i = 3; optional bytes s = 4;
  optional Tensor t = 5; optional bytes graph = 6; repeated float floats = 7; repeated int64 ints = 8;
  repeated bytes strings = 9; repeated Tensor tensors = 10; repeated bytes graphs = 11;
  optional string docString = 13; optional int32 type = 20; optional string refAttrName = 21;
}
message ValueInfo { optional string name = 1; optional bytes type = 2; optional string docString = 3; }
message Node {
  repeated string input = 1; repeated string output = 2; optional string name = 3; optional string opType = 4;
  repeated Attribute attribute = 5; optional string docString = 6; optional string domain = 7;
}
message Tensor {
  repeated int64 dims = 1; optional int32 dataType = 2; repeated float floatData = 4 [packed = true];
  repeated int32 int32Data = 5 [packed = true]; repeated bytes stringData = 6;
  repeated int64 int64Data = 7 [packed = true]; optional string name = 8; optional bytes rawData = 9;
  repeated double doubleData = 10 [packed = true]; repeated uint64 uint64Data = 11 [packed = true];
  optional string docString = 12; repeated bytes externalData = 13; optional int32 dataLocation = 14;
}
message Graph {
  repeated Node node = 1; optional string name = 2; repeated Tensor initializer = 5;
  optional string docString = 10; repeated ValueInfo input = 11; repeated ValueInfo output = 12;
  repeated ValueInfo valueInfo = 13; repeated bytes quantization = 14; repeated bytes sparse = 15;
}
message OperatorSet { optional string domain = 1; optional int64 version = 2; }
message Model {
  optional int64 irVersion = 1; optional string producerName = 2; optional string producerVersion = 3;
  optional string domain = 4; optional int64 modelVersion = 5; optional string docString = 6;
  optional Graph graph = 7; repeated OperatorSet opsetImport = 8; repeated bytes metadata = 14;
  repeated bytes training = 20; repeated bytes functions = 25;
}`;

export const FLOAT = 1;

export interface TensorProto {
  name?: string;
  dims: number[];
  dataType: number;
  floatData?: number[];
  rawData?: Uint8Array;
  externalData?: Uint8Array[];
}

export interface AttributeProto {
  name: string;
  type?: number;
  f?: number;
  i?: number;
  t?: TensorProto;
  ints?: number[];
  floats?: number[];
  graph?: Uint8Array;
  graphs?: Uint8Array[];
}

export interface NodeProto {
  name?: string;
  opType: string;
  domain?: string;
  input: string[];
  output: string[];
  attribute: AttributeProto[];
}

export interface GraphProto {
  node: NodeProto[];
  initializer: TensorProto[];
  output: { name: string; type?: Uint8Array }[];
  sparse?: Uint8Array[];
  quantization?: Uint8Array[];
}

export interface ModelProto {
  opsetImport: { domain?: string; version: number }[];
  graph: GraphProto;
  functions?: Uint8Array[];
  training?: Uint8Array[];
}

const Model = protobuf.parse(SCHEMA, { keepCase: true }).root.lookupType('Model');

/** Nothing when the model holds what this library would lose: nested graphs, functions, external data. */
export function decodeModel(bytes: Uint8Array): ModelProto | undefined {
  const object = Model.toObject(Model.decode(bytes), { longs: Number, bytes: Buffer, arrays: true });
  const model = object as ModelProto;
  const { graph, functions = [], training = [] } = model;
  const { sparse = [], quantization = [] } = graph;
  const beyond = [...functions, ...training, ...sparse, ...quantization];
  const nested = graph.node.some(({ attribute }) =>
    attribute.some((one) => one.graph !== undefined || (one.graphs ?? []).length > 0),
  );
  const external = graph.initializer.some(({ externalData = [] }) => externalData.length > 0);
  return beyond.length > 0 || nested || external ? undefined : model;
}

export function encodeModel(model: ModelProto): Uint8Array {
  return Model.encode(Model.fromObject(model)).finish();
}

/** Values of a float tensor, whichever field holds them. */
export function floatsOf({ rawData, floatData }: TensorProto): Float32Array {
  if (rawData === undefined || rawData.byteLength === 0) return Float32Array.from(floatData ?? []);
  return new Float32Array(Uint8Array.from(rawData).buffer); // copied, because views must be aligned
}

export function attributeOf(node: NodeProto, name: string): AttributeProto | undefined {
  return node.attribute.find((attribute) => attribute.name === name);
}
