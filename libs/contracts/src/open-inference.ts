import { z } from 'zod';
import { Datatype } from './tensor.js';

/**
 * Bodies of the Open Inference Protocol v2 over HTTP, with the extensions for binary tensors, the model
 * repository, statistics and model configuration. Requests are strict: what is not honoured is refused by name.
 */

/** Names the length of the JSON in front of binary tensor data. */
export const HEADER_LENGTH = 'inference-header-content-length';

const Shape = z.array(z.int().nonnegative()).max(9);
const Name = z.string().min(1).max(256);

const RequestInput = z.strictObject({
  name: Name,
  shape: Shape,
  datatype: Datatype,
  parameters: z
    .strictObject({
      binary_data_size: z.int().nonnegative().optional().describe('bytes of this tensor behind the JSON'),
    })
    .optional(),
  data: z.array(z.unknown()).optional().describe('flat or nested as the shape; absent with binary_data_size'),
});
export type RequestInput = z.output<typeof RequestInput>;

const RequestOutput = z.strictObject({
  name: Name,
  parameters: z
    .strictObject({ binary_data: z.boolean().optional().describe('this output behind the JSON, raw') })
    .optional(),
});

/** Of a request as a whole, the same over HTTP and gRPC. */
export const RequestParameters = z.strictObject({
  priority: z.int().min(0).max(8).optional().describe("1 is served first; 0: the model's default"),
  timeout: z
    .int()
    .nonnegative()
    .optional()
    .describe('microseconds the request may wait in the queue; 0: as the model says'),
  cache: z.boolean().optional().describe('false: neither read from the response cache nor kept in it'),
  explain: z.boolean().optional().describe('true: the answer says how it came about'),
  binary_data_output: z.boolean().optional().describe('outputs that do not say otherwise come raw'),
});
export type RequestParameters = z.output<typeof RequestParameters>;

export const InferenceRequest = z
  .strictObject({
    id: z.string().max(256).optional(),
    parameters: RequestParameters.optional(),
    inputs: z.array(RequestInput).min(1).max(64),
    outputs: z.array(RequestOutput).max(64).optional(),
  })
  .meta({ id: 'InferenceRequest' });
export type InferenceRequest = z.output<typeof InferenceRequest>;

/** Values are scalars, as the protocol has it. */
const AnswerParameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
export type AnswerParameters = z.output<typeof AnswerParameters>;

const ResponseOutput = z.strictObject({
  name: z.string(),
  shape: z.array(z.int().nonnegative()),
  datatype: Datatype,
  parameters: z.strictObject({ binary_data_size: z.int().nonnegative() }).optional(),
  data: z.array(z.union([z.number(), z.string(), z.boolean()])).optional(),
});

export const InferenceResponse = z
  .strictObject({
    model_name: z.string(),
    model_version: z.string(),
    id: z.string().optional(),
    parameters: AnswerParameters.optional(),
    outputs: z.array(ResponseOutput),
  })
  .meta({ id: 'InferenceResponse' });
export type InferenceResponse = z.output<typeof InferenceResponse>;

export const ServerMetadata = z
  .strictObject({ name: z.string(), version: z.string(), extensions: z.array(z.string()) })
  .meta({ id: 'ServerMetadata' });

const TensorMetadata = z.strictObject({
  name: z.string(),
  datatype: Datatype,
  shape: z.array(z.int().min(-1)).describe('-1: varies'),
});

export const ModelMetadata = z
  .strictObject({
    name: z.string(),
    versions: z.array(z.string()),
    platform: z.string(),
    inputs: z.array(TensorMetadata),
    outputs: z.array(TensorMetadata),
  })
  .meta({ id: 'ModelMetadata' });
export type ModelMetadata = z.output<typeof ModelMetadata>;

export const RepositoryIndexRequest = z
  .strictObject({ ready: z.boolean().optional().describe('true: only what is loaded') })
  .meta({ id: 'RepositoryIndexRequest' });

export const RepositoryIndex = z
  .array(z.strictObject({ name: z.string(), version: z.string(), state: z.string(), reason: z.string() }))
  .meta({ id: 'RepositoryIndex' });
export type RepositoryIndex = z.output<typeof RepositoryIndex>;

const RepositoryVersion = z
  .string()
  .max(64)
  .optional()
  .describe('a number or a label: of this version alone; empty: as the policy of the model says');

/** What a load may say, the same over HTTP and gRPC. Nothing can be overridden: what a model is stands in its manifest. */
export const LoadParameters = z.strictObject({ version: RepositoryVersion });
export type LoadParameters = z.output<typeof LoadParameters>;

/** Clients of Triton always send `unload_dependents`; models here share nothing that could be unloaded with them. */
export const UnloadParameters = z.strictObject({
  version: RepositoryVersion,
  unload_dependents: z.literal(false).optional(),
});
export type UnloadParameters = z.output<typeof UnloadParameters>;

export const RepositoryLoadRequest = z
  .strictObject({ parameters: LoadParameters.optional() })
  .meta({ id: 'RepositoryLoadRequest' });

export const RepositoryUnloadRequest = z
  .strictObject({ parameters: UnloadParameters.optional() })
  .meta({ id: 'RepositoryUnloadRequest' });

const Duration = z.strictObject({ count: z.int().nonnegative(), ns: z.int().nonnegative() });
const compute = { compute_input: Duration, compute_infer: Duration, compute_output: Duration };

export const StatisticsResponse = z
  .strictObject({
    model_stats: z.array(
      z.strictObject({
        name: z.string(),
        version: z.string(),
        last_inference: z.int().nonnegative().describe('milliseconds since 1970'),
        inference_count: z.int().nonnegative().describe('items'),
        execution_count: z.int().nonnegative().describe('runs'),
        inference_stats: z.strictObject({
          success: Duration,
          fail: Duration,
          queue: Duration,
          ...compute,
          cache_hit: Duration,
          cache_miss: Duration,
        }),
        batch_stats: z.array(z.strictObject({ batch_size: z.int().positive(), ...compute })),
      }),
    ),
  })
  .meta({ id: 'InferenceStatistics' });
export type StatisticsResponse = z.output<typeof StatisticsResponse>;

const ConfigTensor = z.strictObject({ name: z.string(), data_type: z.string(), dims: z.array(z.int()) });

/** Triton's model configuration as far as it has meaning here. */
export const ModelConfig = z
  .strictObject({
    name: z.string(),
    platform: z.string(),
    backend: z.string(),
    version_policy: z.record(z.string(), z.record(z.string(), z.unknown())),
    max_batch_size: z.int().nonnegative(),
    input: z.array(ConfigTensor),
    output: z.array(ConfigTensor),
    dynamic_batching: z.strictObject({
      max_queue_delay_microseconds: z.int().nonnegative(),
      priority_levels: z.int().nonnegative(),
      default_priority_level: z.int().nonnegative(),
      default_queue_policy: z.strictObject({
        default_timeout_microseconds: z.int().nonnegative(),
        allow_timeout_override: z.boolean(),
        max_queue_size: z.int().nonnegative(),
      }),
    }),
    instance_group: z.array(
      z.strictObject({ kind: z.string(), count: z.int().nonnegative(), gpus: z.array(z.int()) }),
    ),
    response_cache: z.strictObject({ enable: z.boolean() }),
  })
  .meta({ id: 'ModelConfig' });
export type ModelConfig = z.output<typeof ModelConfig>;

/** `loading` stands beside the error while a model is being loaded. */
export const InferenceError = z
  .strictObject({
    error: z.string(),
    loading: z
      .strictObject({
        state: z.string(),
        progress: z.number(),
        eta: z.number().optional().describe('milliseconds'),
      })
      .optional(),
  })
  .meta({ id: 'InferenceError' });
export type InferenceError = z.output<typeof InferenceError>;
