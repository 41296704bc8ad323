import type { Field, Message, Scalar } from './wire.js';

/*
 * onnx/onnx.proto of ONNX 1.19 (IR version 12), field by field:
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. Sharding annotations for several devices are
 * not described; they pass through as unknown fields.
 */
type Type = Scalar | Message;

const one = (number: number, name: string, type: Type): Field => ({ number, name, type });
const list = (number: number, name: string, type: Type): Field => ({
  number,
  name,
  type,
  repeated: 'always',
});
const some = (number: number, name: string, type: Type): Field => ({ number, name, type, repeated: 'some' });
const packed = (number: number, name: string, type: Scalar): Field => ({
  number,
  name,
  type,
  repeated: 'some',
  packed: true,
});
const message = (name: string, fields: () => readonly Field[]): Message => ({ name, fields });

const STRING_STRING_ENTRY = message('StringStringEntry', () => [
  one(1, 'key', 'string'),
  one(2, 'value', 'string'),
]);

const SEGMENT = message('Segment', () => [one(1, 'begin', 'int64'), one(2, 'end', 'int64')]);

const TENSOR = message('Tensor', () => [
  list(1, 'dims', 'int53'),
  one(2, 'dataType', 'int32'),
  one(3, 'segment', SEGMENT),
  packed(4, 'floatData', 'float'),
  packed(5, 'int32Data', 'int32'),
  some(6, 'stringData', 'bytes'),
  packed(7, 'int64Data', 'int64'),
  one(8, 'name', 'string'),
  one(9, 'rawData', 'bytes'),
  packed(10, 'doubleData', 'double'),
  packed(11, 'uint64Data', 'uint64'),
  one(12, 'docString', 'string'),
  some(13, 'externalData', STRING_STRING_ENTRY),
  one(14, 'dataLocation', 'int32'),
  some(16, 'metadataProps', STRING_STRING_ENTRY),
]);

const SPARSE_TENSOR = message('SparseTensor', () => [
  one(1, 'values', TENSOR),
  one(2, 'indices', TENSOR),
  list(3, 'dims', 'int53'),
]);

const DIMENSION = message('Dimension', () => [
  one(1, 'dimValue', 'int53'),
  one(2, 'dimParam', 'string'),
  one(3, 'denotation', 'string'),
]);

const SHAPE = message('TensorShape', () => [list(1, 'dim', DIMENSION)]);

const TENSOR_TYPE = message('TensorType', () => [one(1, 'elemType', 'int32'), one(2, 'shape', SHAPE)]);
const ELEMENT_TYPE = message('ElementType', () => [one(1, 'elemType', TYPE)]);
const MAP_TYPE = message('MapType', () => [one(1, 'keyType', 'int32'), one(2, 'valueType', TYPE)]);
const OPAQUE_TYPE = message('OpaqueType', () => [one(1, 'domain', 'string'), one(2, 'name', 'string')]);

const TYPE: Message = message('Type', () => [
  one(1, 'tensorType', TENSOR_TYPE),
  one(4, 'sequenceType', ELEMENT_TYPE),
  one(5, 'mapType', MAP_TYPE),
  one(6, 'denotation', 'string'),
  one(7, 'opaqueType', OPAQUE_TYPE),
  one(8, 'sparseTensorType', TENSOR_TYPE),
  one(9, 'optionalType', ELEMENT_TYPE),
]);

const VALUE_INFO = message('ValueInfo', () => [
  one(1, 'name', 'string'),
  one(2, 'type', TYPE),
  one(3, 'docString', 'string'),
  some(4, 'metadataProps', STRING_STRING_ENTRY),
]);

const ATTRIBUTE: Message = message('Attribute', () => [
  one(1, 'name', 'string'),
  one(2, 'f', 'float'),
  one(3, 'i', 'int64'),
  one(4, 's', 'bytes'),
  one(5, 't', TENSOR),
  one(6, 'g', GRAPH),
  some(7, 'floats', 'float'),
  some(8, 'ints', 'int64'),
  some(9, 'strings', 'bytes'),
  some(10, 'tensors', TENSOR),
  some(11, 'graphs', GRAPH),
  one(13, 'docString', 'string'),
  one(14, 'tp', TYPE),
  some(15, 'typeProtos', TYPE),
  one(20, 'type', 'int32'),
  one(21, 'refAttrName', 'string'),
  one(22, 'sparseTensor', SPARSE_TENSOR),
  some(23, 'sparseTensors', SPARSE_TENSOR),
]);

const NODE = message('Node', () => [
  list(1, 'input', 'string'),
  list(2, 'output', 'string'),
  one(3, 'name', 'string'),
  one(4, 'opType', 'string'),
  list(5, 'attribute', ATTRIBUTE),
  one(6, 'docString', 'string'),
  one(7, 'domain', 'string'),
  one(8, 'overload', 'string'),
  some(9, 'metadataProps', STRING_STRING_ENTRY),
]);

const TENSOR_ANNOTATION = message('TensorAnnotation', () => [
  one(1, 'tensorName', 'string'),
  some(2, 'quantParameterTensorNames', STRING_STRING_ENTRY),
]);

const GRAPH: Message = message('Graph', () => [
  list(1, 'node', NODE),
  one(2, 'name', 'string'),
  list(5, 'initializer', TENSOR),
  one(10, 'docString', 'string'),
  list(11, 'input', VALUE_INFO),
  list(12, 'output', VALUE_INFO),
  list(13, 'valueInfo', VALUE_INFO),
  some(14, 'quantizationAnnotation', TENSOR_ANNOTATION),
  some(15, 'sparseInitializer', SPARSE_TENSOR),
  some(16, 'metadataProps', STRING_STRING_ENTRY),
]);

const OPERATOR_SET = message('OperatorSetId', () => [one(1, 'domain', 'string'), one(2, 'version', 'int53')]);

const TRAINING_INFO = message('TrainingInfo', () => [
  one(1, 'initialization', GRAPH),
  one(2, 'algorithm', GRAPH),
  some(3, 'initializationBinding', STRING_STRING_ENTRY),
  some(4, 'updateBinding', STRING_STRING_ENTRY),
]);

const FUNCTION = message('Function', () => [
  one(1, 'name', 'string'),
  list(4, 'input', 'string'),
  list(5, 'output', 'string'),
  some(6, 'attribute', 'string'),
  list(7, 'node', NODE),
  one(8, 'docString', 'string'),
  list(9, 'opsetImport', OPERATOR_SET),
  one(10, 'domain', 'string'),
  some(11, 'attributeProto', ATTRIBUTE),
  some(12, 'valueInfo', VALUE_INFO),
  one(13, 'overload', 'string'),
  some(14, 'metadataProps', STRING_STRING_ENTRY),
]);

export const MODEL = message('Model', () => [
  one(1, 'irVersion', 'int53'),
  one(2, 'producerName', 'string'),
  one(3, 'producerVersion', 'string'),
  one(4, 'domain', 'string'),
  one(5, 'modelVersion', 'int64'),
  one(6, 'docString', 'string'),
  one(7, 'graph', GRAPH),
  list(8, 'opsetImport', OPERATOR_SET),
  some(14, 'metadataProps', STRING_STRING_ENTRY),
  some(20, 'trainingInfo', TRAINING_INFO),
  some(25, 'functions', FUNCTION),
]);
