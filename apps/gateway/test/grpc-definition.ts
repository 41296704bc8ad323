import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { fromJSON, type PackageDefinition } from '@grpc/proto-loader';

/**
 * The messages of the protocol over gRPC, field by field as `[repeated] type number` or `map value number`, written
 * from the definitions and from nothing of ours: `open_inference_grpc.proto` of
 * github.com/kserve/open-inference-protocol, `grpc_service.proto` and `model_config.proto` of
 * github.com/triton-inference-server/common. Of Triton's those that belong to the twelve methods.
 */
type Fields = Readonly<Record<string, string>>;

export const MESSAGES: Readonly<Record<string, Fields>> = {
  ServerLiveRequest: {},
  ServerLiveResponse: { live: 'bool 1' },
  ServerReadyRequest: {},
  ServerReadyResponse: { ready: 'bool 1' },
  ModelReadyRequest: { name: 'string 1', version: 'string 2' },
  ModelReadyResponse: { ready: 'bool 1' },
  ServerMetadataRequest: {},
  ServerMetadataResponse: { name: 'string 1', version: 'string 2', extensions: 'repeated string 3' },
  ModelMetadataRequest: { name: 'string 1', version: 'string 2' },
  ModelMetadataResponse: {
    name: 'string 1',
    versions: 'repeated string 2',
    platform: 'string 3',
    inputs: 'repeated ModelMetadataResponse.TensorMetadata 4',
    outputs: 'repeated ModelMetadataResponse.TensorMetadata 5',
  },
  'ModelMetadataResponse.TensorMetadata': {
    name: 'string 1',
    datatype: 'string 2',
    shape: 'repeated int64 3',
  },
  InferParameter: {
    bool_param: 'bool 1',
    int64_param: 'int64 2',
    string_param: 'string 3',
    double_param: 'double 4',
    uint64_param: 'uint64 5',
  },
  InferTensorContents: {
    bool_contents: 'repeated bool 1',
    int_contents: 'repeated int32 2',
    int64_contents: 'repeated int64 3',
    uint_contents: 'repeated uint32 4',
    uint64_contents: 'repeated uint64 5',
    fp32_contents: 'repeated float 6',
    fp64_contents: 'repeated double 7',
    bytes_contents: 'repeated bytes 8',
  },
  ModelInferRequest: {
    model_name: 'string 1',
    model_version: 'string 2',
    id: 'string 3',
    parameters: 'map InferParameter 4',
    inputs: 'repeated ModelInferRequest.InferInputTensor 5',
    outputs: 'repeated ModelInferRequest.InferRequestedOutputTensor 6',
    raw_input_contents: 'repeated bytes 7',
  },
  'ModelInferRequest.InferInputTensor': {
    name: 'string 1',
    datatype: 'string 2',
    shape: 'repeated int64 3',
    parameters: 'map InferParameter 4',
    contents: 'InferTensorContents 5',
  },
  'ModelInferRequest.InferRequestedOutputTensor': { name: 'string 1', parameters: 'map InferParameter 2' },
  ModelInferResponse: {
    model_name: 'string 1',
    model_version: 'string 2',
    id: 'string 3',
    parameters: 'map InferParameter 4',
    outputs: 'repeated ModelInferResponse.InferOutputTensor 5',
    raw_output_contents: 'repeated bytes 6',
  },
  'ModelInferResponse.InferOutputTensor': {
    name: 'string 1',
    datatype: 'string 2',
    shape: 'repeated int64 3',
    parameters: 'map InferParameter 4',
    contents: 'InferTensorContents 5',
  },
  ModelStreamInferResponse: { error_message: 'string 1', infer_response: 'ModelInferResponse 2' },
  ModelConfigRequest: { name: 'string 1', version: 'string 2' },
  ModelConfigResponse: { config: 'ModelConfig 1' },
  ModelConfig: {
    name: 'string 1',
    platform: 'string 2',
    version_policy: 'ModelVersionPolicy 3',
    max_batch_size: 'int32 4',
    input: 'repeated ModelInput 5',
    output: 'repeated ModelOutput 6',
    instance_group: 'repeated ModelInstanceGroup 7',
    dynamic_batching: 'ModelDynamicBatching 11',
    backend: 'string 17',
    response_cache: 'ModelResponseCache 24',
    runtime: 'string 25',
  },
  ModelInput: {
    name: 'string 1',
    data_type: 'DataType 2',
    dims: 'repeated int64 4',
    is_shape_tensor: 'bool 6',
    allow_ragged_batch: 'bool 7',
    optional: 'bool 8',
    is_non_linear_format_io: 'bool 9',
  },
  ModelOutput: {
    name: 'string 1',
    data_type: 'DataType 2',
    dims: 'repeated int64 3',
    label_filename: 'string 4',
    is_shape_tensor: 'bool 6',
    is_non_linear_format_io: 'bool 7',
  },
  ModelVersionPolicy: {
    latest: 'ModelVersionPolicy.Latest 1',
    all: 'ModelVersionPolicy.All 2',
    specific: 'ModelVersionPolicy.Specific 3',
  },
  'ModelVersionPolicy.Latest': { num_versions: 'uint32 1' },
  'ModelVersionPolicy.All': {},
  'ModelVersionPolicy.Specific': { versions: 'repeated int64 1' },
  ModelQueuePolicy: {
    default_timeout_microseconds: 'uint64 2',
    allow_timeout_override: 'bool 3',
    max_queue_size: 'uint32 4',
  },
  ModelDynamicBatching: {
    preferred_batch_size: 'repeated int32 1',
    max_queue_delay_microseconds: 'uint64 2',
    preserve_ordering: 'bool 3',
    priority_levels: 'uint64 4',
    default_priority_level: 'uint64 5',
    default_queue_policy: 'ModelQueuePolicy 6',
  },
  ModelInstanceGroup: {
    name: 'string 1',
    count: 'int32 2',
    gpus: 'repeated int32 3',
    kind: 'ModelInstanceGroup.Kind 4',
    profile: 'repeated string 5',
    passive: 'bool 7',
    host_policy: 'string 9',
  },
  ModelResponseCache: { enable: 'bool 1' },
  ModelStatisticsRequest: { name: 'string 1', version: 'string 2' },
  ModelStatisticsResponse: { model_stats: 'repeated ModelStatistics 1' },
  StatisticDuration: { count: 'uint64 1', ns: 'uint64 2' },
  InferStatistics: {
    success: 'StatisticDuration 1',
    fail: 'StatisticDuration 2',
    queue: 'StatisticDuration 3',
    compute_input: 'StatisticDuration 4',
    compute_infer: 'StatisticDuration 5',
    compute_output: 'StatisticDuration 6',
    cache_hit: 'StatisticDuration 7',
    cache_miss: 'StatisticDuration 8',
  },
  InferBatchStatistics: {
    batch_size: 'uint64 1',
    compute_input: 'StatisticDuration 2',
    compute_infer: 'StatisticDuration 3',
    compute_output: 'StatisticDuration 4',
  },
  ModelStatistics: {
    name: 'string 1',
    version: 'string 2',
    last_inference: 'uint64 3',
    inference_count: 'uint64 4',
    execution_count: 'uint64 5',
    inference_stats: 'InferStatistics 6',
    batch_stats: 'repeated InferBatchStatistics 7',
    memory_usage: 'repeated MemoryUsage 8',
  },
  MemoryUsage: { type: 'string 1', id: 'int64 2', byte_size: 'uint64 3' },
  ModelRepositoryParameter: {
    bool_param: 'bool 1',
    int64_param: 'int64 2',
    string_param: 'string 3',
    bytes_param: 'bytes 4',
  },
  RepositoryIndexRequest: { repository_name: 'string 1', ready: 'bool 2' },
  RepositoryIndexResponse: { models: 'repeated RepositoryIndexResponse.ModelIndex 1' },
  'RepositoryIndexResponse.ModelIndex': {
    name: 'string 1',
    version: 'string 2',
    state: 'string 3',
    reason: 'string 4',
  },
  RepositoryModelLoadRequest: {
    repository_name: 'string 1',
    model_name: 'string 2',
    parameters: 'map ModelRepositoryParameter 3',
  },
  RepositoryModelLoadResponse: {},
  RepositoryModelUnloadRequest: {
    repository_name: 'string 1',
    model_name: 'string 2',
    parameters: 'map ModelRepositoryParameter 3',
  },
  RepositoryModelUnloadResponse: {},
};

/** Of each message the fields of which at most one is set. */
export const ONEOFS: Readonly<Record<string, { readonly name: string; readonly fields: readonly string[] }>> =
  {
    InferParameter: {
      name: 'parameter_choice',
      fields: ['bool_param', 'int64_param', 'string_param', 'double_param', 'uint64_param'],
    },
    ModelRepositoryParameter: {
      name: 'parameter_choice',
      fields: ['bool_param', 'int64_param', 'string_param', 'bytes_param'],
    },
    ModelVersionPolicy: { name: 'policy_choice', fields: ['latest', 'all', 'specific'] },
  };

export const ENUMS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  DataType: {
    TYPE_INVALID: 0,
    TYPE_BOOL: 1,
    TYPE_UINT8: 2,
    TYPE_UINT16: 3,
    TYPE_UINT32: 4,
    TYPE_UINT64: 5,
    TYPE_INT8: 6,
    TYPE_INT16: 7,
    TYPE_INT32: 8,
    TYPE_INT64: 9,
    TYPE_FP16: 10,
    TYPE_FP32: 11,
    TYPE_FP64: 12,
    TYPE_STRING: 13,
    TYPE_BF16: 14,
  },
  'ModelInstanceGroup.Kind': { KIND_AUTO: 0, KIND_GPU: 1, KIND_CPU: 2, KIND_MODEL: 3 },
};

/** Each takes `NameRequest` and answers `NameResponse`. */
export const METHODS = [
  'ServerLive',
  'ServerReady',
  'ModelReady',
  'ServerMetadata',
  'ModelMetadata',
  'ModelInfer',
  'ModelConfig',
  'ModelStatistics',
  'RepositoryIndex',
  'RepositoryModelLoad',
  'RepositoryModelUnload',
] as const;
/** Streams both ways. */
export const STREAMED = {
  name: 'ModelStreamInfer',
  request: 'ModelInferRequest',
  response: 'ModelStreamInferResponse',
};

/** The tables as a package that clients can be made from: what they read and write is the protocol's. */
export function definedPackage(): PackageDefinition {
  const types: Record<string, { nested: Record<string, object> }> = {};
  for (const [name, fields] of Object.entries(MESSAGES)) place(types, name, messageOf(name, fields));
  for (const [name, values] of Object.entries(ENUMS)) place(types, name, { values });
  const methods: Record<string, object> = Object.fromEntries(
    METHODS.map((name) => [name, { requestType: `${name}Request`, responseType: `${name}Response` }]),
  );
  methods[STREAMED.name] = {
    requestType: STREAMED.request,
    requestStream: true,
    responseType: STREAMED.response,
    responseStream: true,
  };
  const nested = { inference: { nested: { ...types, GRPCInferenceService: { methods } } } };
  return fromJSON({ nested } as Parameters<typeof fromJSON>[0], {
    keepCase: true,
    longs: Number,
    enums: String,
    defaults: true,
    oneofs: true,
  });
}

export function definedService(): ServiceDefinition {
  return definedPackage()['inference.GRPCInferenceService'] as unknown as Record<
    string,
    MethodDefinition<object, object>
  >;
}

function messageOf(name: string, fields: Fields): object {
  const oneof = ONEOFS[name];
  return {
    fields: Object.fromEntries(Object.entries(fields).map(([field, text]) => [field, fieldOf(text)])),
    ...(oneof !== undefined && { oneofs: { [oneof.name]: { oneof: oneof.fields } } }),
  };
}

function fieldOf(text: string): object {
  const [id, type, label] = text.split(' ').toReversed();
  if (label === 'map') return { keyType: 'string', type, id: Number(id) };
  return { type, id: Number(id), ...(label === 'repeated' && { rule: 'repeated' }) };
}

function place(types: Record<string, { nested: Record<string, object> }>, name: string, type: object): void {
  const [outer = name, inner] = name.split('.');
  const holder = (types[outer] ??= { nested: {} });
  if (inner === undefined) Object.assign(holder, type);
  else holder.nested[inner] = type;
}
