export { cancellation, IsolationFailure, type IsolationFailureReason } from './isolation-failure.js';
export { type JobReply, type JobResult, serveJobs } from './serve-jobs.js';
export type { JobOptions } from './thread.js';
export { WorkerPool } from './worker-pool.js';
