export { Admission } from './admission/admission.js';
export { Batcher, type BatcherOptions, type BatchEvent, type RunOptions } from './batching/batcher.js';
export type { Completed, Priority, WorkExecution } from './batching/entry.js';
export type { ReleaseReason } from './batching/waiting-line.js';
export { type Clock, systemClock } from './clock/clock.js';
export { ModelCard, parseModelCard } from './model/model-card.js';
export type { BatchLimits, ModelV1, Placement } from './model/model.js';
export { type LossReason, type Worker, WorkerLost } from './supervision/worker.js';
export { type WorkerEvent, WorkerPool, type WorkerPoolOptions } from './supervision/worker-pool.js';
