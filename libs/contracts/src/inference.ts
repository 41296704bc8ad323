import { z } from 'zod';
import { Binary } from './content.js';
import { call } from './define.js';
import type { ErrorCode } from './error.js';
import {
  AgreementMetric,
  INFERENCE_SERVICES,
  type InferenceService,
  ModelId,
  ModelManifest,
  ModelVersion,
  Variant,
  VersionFiles,
  VersionLabel,
} from './model-manifest.js';
import { Datatype } from './tensor.js';

/** A number names a version, a word a label. */
const VersionOrLabel = z.union([ModelVersion, VersionLabel]);
const OfModel = z.object({ model: ModelId });
const OfVersion = z.object({ model: ModelId, version: VersionOrLabel.optional() });

const WireTensor = z.object({
  name: z.string().min(1).max(256),
  datatype: Datatype,
  shape: z.array(z.int().nonnegative()).max(9),
  /** Raw, as `Tensor.data` of tensor.ts. */
  data: Binary,
});
export type WireTensor = z.output<typeof WireTensor>;

export const InferRequest = OfVersion.extend({
  /** The variant of `model@variant`; absent: the model's policy decides. */
  variant: Variant.optional(),
  inputs: z.array(WireTensor).min(1).max(64),
  /** Names of outputs; absent: all. */
  outputs: z.array(z.string()).min(1).max(64).optional(),
  /** 1 is served first; absent: the model's default. */
  priorityLevel: z.int().min(1).max(8).optional(),
  /** Longest time in the queue. */
  queueTimeoutMs: z.number().positive().optional(),
  cache: z.enum(['use', 'bypass']).default('use'),
});

/** Where the answer came from and in what company: `explain` of one request. Durations in milliseconds. */
export const InferExplanation = z.object({
  variant: z.string(),
  placement: z.enum(['cpu', 'cuda', 'remote', 'cache', 'ensemble']),
  instance: z.string(),
  releaseReason: z.string(),
  queueMs: z.number().nonnegative(),
  computeMs: z.number().nonnegative(),
  /** Items that shared the run, of all requests, and their padded cost. */
  batchSize: z.int().nonnegative(),
  batchCost: z.number().nonnegative(),
  /** Requests that shared the run, this one included. */
  batchMates: z.int().nonnegative(),
  /** Time that this request waited for the model to load. */
  loadMs: z.number().nonnegative(),
  steps: z.array(z.object({ model: z.string(), queueMs: z.number(), computeMs: z.number() })).optional(),
});
export type InferExplanation = z.output<typeof InferExplanation>;

export const InferReply = z.object({
  model: z.string(),
  version: z.string(),
  variant: z.string(),
  outputs: z.array(WireTensor),
  cache: z.enum(['hit', 'miss', 'bypass']),
  explain: InferExplanation,
});

/** Triton's states, with the reason when it is not ready. */
export const ModelState = z.enum(['UNAVAILABLE', 'LOADING', 'READY', 'UNLOADING']);
export type ModelState = z.output<typeof ModelState>;

export const LoadProgress = z.object({
  state: z.enum(['queued', 'fetching', 'verifying', 'starting', 'warming', 'ready', 'failed']),
  /** 0 to 1. */
  progress: z.number().min(0).max(1),
  etaMs: z.number().nonnegative().optional(),
});
export type LoadProgress = z.output<typeof LoadProgress>;

const VariantSummary = z.object({
  variant: Variant,
  bytes: z.int().nonnegative(),
  /** Loaded: a request for it is not kept waiting. */
  ready: z.boolean(),
});

export const VersionSummary = z.object({
  version: ModelVersion,
  state: ModelState,
  reason: z.string(),
  loading: LoadProgress.optional(),
  variants: z.array(VariantSummary),
  /** Resident memory of its workers, measured; 0 when not loaded. */
  memoryBytes: z.number().nonnegative(),
  /** Estimated before it is loaded. */
  estimatedBytes: z.number().nonnegative(),
  createdAt: z.int(),
});
export type VersionSummary = z.output<typeof VersionSummary>;

export const TrafficRule = z.object({
  version: ModelVersion,
  percent: z.number().min(0).max(100),
});

/** A new version is compared with the serving one, on copies of requests or on a share of them, and judged by rule. */
export const RolloutRule = z.object({
  candidate: ModelVersion,
  mode: z.enum(['shadow', 'canary']),
  /** Of requests: copied in shadow mode, served in canary mode. */
  percent: z.number().gt(0).max(100).default(10),
  /** Judged when so many requests were compared. */
  samples: z.int().min(1).max(100_000).default(100),
  metric: AgreementMetric.default('cosine'),
  /** Mean agreement that the candidate needs. */
  minAgreement: z.number().default(0.99),
  /** Its median latency may be so many times the serving version's. */
  maxLatencyRatio: z.number().positive().default(1.5),
  /** Share of its requests that may fail where the serving version's did not. */
  maxFailureRate: z.number().min(0).max(1).default(0.01),
});
export type RolloutRule = z.output<typeof RolloutRule>;

export const RolloutStatus = z.object({
  rule: RolloutRule,
  state: z.enum(['running', 'promoted', 'rolled-back']),
  compared: z.int().nonnegative(),
  agreement: z.number().optional(),
  latencyRatio: z.number().optional(),
  failureRate: z.number().optional(),
  reason: z.string(),
});
export type RolloutStatus = z.output<typeof RolloutStatus>;

export const ModelSummary = z.object({
  id: ModelId,
  service: z.enum(INFERENCE_SERVICES),
  manifest: ModelManifest,
  /** Ascending. */
  versions: z.array(VersionSummary),
  /** The version that a request without one gets, when any can serve. */
  servingVersion: ModelVersion.optional(),
  labels: z.record(VersionLabel, ModelVersion),
  traffic: z.array(TrafficRule),
  rollout: RolloutStatus.optional(),
  pinned: z.boolean(),
});
export type ModelSummary = z.output<typeof ModelSummary>;

const Duration = z.object({ count: z.int().nonnegative(), ns: z.number().nonnegative() });

/** The algebra of Triton's statistics extension: mean batch = inferenceCount / executionCount. */
export const ModelStatistics = z.object({
  model: z.string(),
  version: z.string(),
  lastInferenceMs: z.number().nonnegative(),
  inferenceCount: z.int().nonnegative(),
  executionCount: z.int().nonnegative(),
  inferenceStats: z.object({
    success: Duration,
    fail: Duration,
    queue: Duration,
    computeInput: Duration,
    computeInfer: Duration,
    computeOutput: Duration,
    cacheHit: Duration,
    cacheMiss: Duration,
  }),
  batchStats: z.array(
    z.object({
      batchSize: z.int().positive(),
      computeInput: Duration,
      computeInfer: Duration,
      computeOutput: Duration,
    }),
  ),
  releaseReasons: z.record(z.string(), z.int().nonnegative()),
  pending: z.int().nonnegative(),
  wastedMs: z.number().nonnegative(),
});
export type ModelStatistics = z.output<typeof ModelStatistics>;

/** What runs longer than a request: looked at by id, kept for a day. */
export const ModelJob = z.object({
  jobId: z.string(),
  kind: z.enum(['pull', 'quantize', 'profile']),
  model: z.string(),
  state: z.enum(['running', 'succeeded', 'failed', 'cancelled']),
  progress: z.number().min(0).max(1),
  detail: z.string(),
  createdAt: z.int(),
  finishedAt: z.int().optional(),
  result: z.record(z.string(), z.unknown()).optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});
export type ModelJob = z.output<typeof ModelJob>;

export const Upload = z.object({
  uploadId: z.string(),
  model: ModelId,
  version: ModelVersion,
  files: VersionFiles,
  /** All parts but a file's last have this size. */
  partBytes: z.int().positive(),
  /** Indexes of the parts that have arrived, by file. */
  received: z.record(z.string(), z.array(z.int().nonnegative())),
  expiresAt: z.int(),
});
export type Upload = z.output<typeof Upload>;

const ALWAYS = ['unavailable', 'overloaded', 'deadline_exceeded'] as const satisfies readonly ErrorCode[];
const NAMED = [...ALWAYS, 'invalid_request', 'model_not_found'] as const;
const CHANGES = [...NAMED, 'conflict', 'not_found', 'payload_too_large', 'unsupported_media'] as const;

/** What every inference service answers about its models, under its own subjects. */
function contractsOf<Service extends InferenceService>(service: Service) {
  const at = <Verb extends string>(verb: Verb) => `${service}.${verb}.v1` as const;
  return {
    service,
    inferTensors: call({
      subject: at('infer-tensors'),
      request: InferRequest,
      reply: InferReply,
      errors: [
        ...NAMED,
        'model_not_available',
        'model_loading',
        'payload_too_large',
        'upstream_error',
        'cancelled',
      ],
    }),
    /** Without `model`: all. */
    listRepository: call({
      subject: at('list-repository'),
      request: z.object({ model: ModelId.optional() }),
      reply: z.object({ models: z.array(ModelSummary) }),
      errors: NAMED,
    }),
    /** Answers when the load has begun; `wait` when it is over. */
    loadModel: call({
      subject: at('load-model'),
      request: OfVersion.extend({ variant: Variant.optional(), wait: z.boolean().default(true) }),
      reply: z.object({ versions: z.array(VersionSummary) }),
      errors: [...NAMED, 'model_not_available', 'conflict'],
    }),
    unloadModel: call({
      subject: at('unload-model'),
      request: OfVersion,
      reply: z.object({ versions: z.array(VersionSummary) }),
      errors: [...NAMED, 'conflict'],
    }),
    getModelStatistics: call({
      subject: at('get-model-statistics'),
      request: z.object({ model: ModelId.optional(), version: ModelVersion.optional() }),
      reply: z.object({ statistics: z.array(ModelStatistics) }),
      errors: NAMED,
    }),
    /** Makes the model or replaces its manifest; versions come by upload, pull or quantization. */
    putModel: call({
      subject: at('put-model'),
      request: z.object({ manifest: ModelManifest }),
      reply: ModelSummary,
      errors: CHANGES,
    }),
    /** A version, or the model with all of them. */
    removeModel: call({
      subject: at('remove-model'),
      request: z.object({ model: ModelId, version: ModelVersion.optional() }),
      reply: z.object({ removed: z.array(ModelVersion) }),
      errors: CHANGES,
    }),
    /** Absent fields stay as they are; null takes the value away. */
    updateModel: call({
      subject: at('update-model'),
      request: OfModel.extend({
        labels: z.record(VersionLabel, ModelVersion.nullable()).optional(),
        traffic: z.array(TrafficRule).max(16).optional(),
        rollout: RolloutRule.nullable().optional(),
        pinned: z.boolean().optional(),
      }),
      reply: ModelSummary,
      errors: CHANGES,
    }),
    openUpload: call({
      subject: at('open-upload'),
      request: OfModel.extend({ version: ModelVersion.optional(), files: VersionFiles }),
      reply: Upload,
      errors: CHANGES,
    }),
    getUpload: call({
      subject: at('get-upload'),
      request: z.object({ uploadId: z.string() }),
      reply: Upload,
      errors: CHANGES,
    }),
    putUploadPart: call({
      subject: at('put-upload-part'),
      request: z.object({
        uploadId: z.string(),
        path: z.string(),
        index: z.int().nonnegative(),
        data: Binary,
      }),
      reply: z.object({ received: z.int().nonnegative(), expected: z.int().positive() }),
      errors: CHANGES,
    }),
    /** Verifies, tries to load, and publishes at once or not at all. */
    completeUpload: call({
      subject: at('complete-upload'),
      request: z.object({ uploadId: z.string() }),
      reply: ModelSummary,
      errors: [...CHANGES, 'model_not_available'],
    }),
    cancelUpload: call({
      subject: at('cancel-upload'),
      request: z.object({ uploadId: z.string() }),
      reply: z.object({ cancelled: z.boolean() }),
      errors: CHANGES,
    }),
    /** Operators, shapes, parameters, size, estimated memory; see `ModelInspection` of @trivium/onnx. */
    inspectModel: call({
      subject: at('inspect-model'),
      request: OfVersion.extend({ variant: Variant.default('fp32') }),
      reply: z.object({ inspection: z.record(z.string(), z.unknown()) }),
      errors: [...NAMED, 'model_not_available'],
    }),
    /** One run under ONNX Runtime's profiler: a trace that Perfetto and chrome://tracing open. */
    profileModel: call({
      subject: at('profile-model'),
      request: OfVersion.extend({
        variant: Variant.default('fp32'),
        runs: z.int().min(1).max(100).default(10),
        batchSize: z.int().min(1).max(256).default(1),
        /** Side used wherever the model's shape varies. */
        length: z.int().min(1).max(4_096).default(128),
      }),
      reply: z.object({ operators: z.array(z.record(z.string(), z.unknown())), trace: Binary }),
      errors: [...NAMED, 'model_not_available'],
    }),
    quantizeModel: call({
      subject: at('quantize-model'),
      request: OfVersion.extend({ variant: Variant.exclude(['fp32']), publish: z.boolean().default(true) }),
      reply: ModelJob,
      errors: CHANGES,
    }),
    /** The models of the catalogue that this service would run; they may be pulled. */
    listCatalogue: call({
      subject: at('list-catalogue'),
      request: z.object({}),
      reply: z.object({ manifests: z.array(ModelManifest) }),
      errors: ALWAYS,
    }),
    /** Fetches what a catalogue manifest names, from the hub that the service is configured for. */
    pullModel: call({
      subject: at('pull-model'),
      request: z.object({ model: ModelId, allowNonCommercial: z.boolean().default(false) }),
      reply: ModelJob,
      errors: [...CHANGES, 'permission_denied'],
    }),
    listModelJobs: call({
      subject: at('list-model-jobs'),
      request: z.object({ jobId: z.string().optional() }),
      reply: z.object({ jobs: z.array(ModelJob) }),
      errors: [...ALWAYS, 'not_found'],
    }),
    cancelModelJob: call({
      subject: at('cancel-model-job'),
      request: z.object({ jobId: z.string() }),
      reply: ModelJob,
      errors: [...ALWAYS, 'not_found', 'conflict'],
    }),
  };
}

export const inferenceContracts = {
  'text-inference': contractsOf('text-inference'),
  'vision-inference': contractsOf('vision-inference'),
  'speech-inference': contractsOf('speech-inference'),
} as const;

export type InferenceContracts = (typeof inferenceContracts)[InferenceService];
