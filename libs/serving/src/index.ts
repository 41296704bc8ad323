export { Admission } from './admission/admission.js';
export { Gate } from './admission/gate.js';
export type { BatchEvent } from './batching/batch-run.js';
export { Batcher, type BatcherOptions, type RunOptions } from './batching/batcher.js';
export type { Completed, Priority, WorkExecution } from './batching/entry.js';
export type { ReleaseReason } from './batching/release.js';
export { type Clock, systemClock } from './clock/clock.js';
export { DurationModel, type Measurement } from './cost/duration-model.js';
export type { BatchLimits, ModelInstance, ModelV1, Placement } from './model/model.js';
export { type BreakerEvent, InstanceGroup, type InstanceGroupOptions } from './placement/instance-group.js';
export {
  SequenceBatcher,
  type SequenceBatcherOptions,
  type SequenceOptions,
  type StepEvent,
} from './sequence/sequence-batcher.js';
export type { SequenceLimits, SequenceModelV1, SequenceTurn, StepOutput } from './sequence/sequence-model.js';
export type { SequenceExecution, SequenceStream } from './sequence/sequence-stream.js';
export { Quarantine } from './supervision/quarantine.js';
export { type LossReason, type Worker, WorkerLost } from './supervision/worker.js';
export { type WorkerEvent, WorkerPool, type WorkerPoolOptions } from './supervision/worker-pool.js';
export { cacheKey, type CacheKeyFields } from './cache/cache-key.js';
export { ownTensors, tensorsSize } from './cache/cached-tensors.js';
export {
  type CachedAnswer,
  type CachedRun,
  type CacheStatus,
  ResponseCache,
  type ResponseCacheOptions,
} from './cache/response-cache.js';
export type { FlightClaim, SharedFlight, SharedFlights } from './cache/shared-flights.js';
export { checkEnsemble, type ManifestLookup } from './ensemble/check-ensemble.js';
export {
  Ensemble,
  type EnsembleRun,
  type EnsembleRunOptions,
  type RunStep,
  type StepResult,
  type StepTiming,
} from './ensemble/ensemble.js';
export type { EnsembleStep } from './ensemble/ensemble-plan.js';
export {
  type Lease,
  type LeaseOptions,
  Lifecycle,
  type LifecycleChange,
  type LifecycleOptions,
  type OpenResource,
  type ReportLoad,
} from './lifecycle/lifecycle.js';
export type { LoadPhase } from './lifecycle/load-attempt.js';
export { LoadPace } from './lifecycle/load-pace.js';
export { checkManifest, parseManifest, readManifest } from './repository/manifest.js';
export { checkTraffic } from './repository/traffic.js';
export { chooseVariant, type VariantChoice, type VariantQuestion } from './repository/variant-choice.js';
export {
  availableVersions,
  chooseVersion,
  type VersionChoice,
  type VersionFact,
  type VersionQuestion,
} from './repository/version-choice.js';
export { type Reservation, Residency, type ResidencyOptions, type Resident } from './residency/residency.js';
export { agreementOf, agrees } from './rollout/agreement.js';
export { Rollout, type RolloutSample, type RolloutState } from './rollout/rollout.js';
export {
  type AnsweredRequest,
  type ModelExecution,
  StatisticsRecorder,
  type StatisticsOptions,
} from './statistics/statistics-recorder.js';
