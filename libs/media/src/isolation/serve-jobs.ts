import { parentPort, type Transferable } from 'node:worker_threads';
import { DomainError, type ErrorCode } from '@trivium/contracts';

/** The first word of a thread or process that started well; before it, failures are not the input's fault. */
export const READY = 'ready';

export type JobReply<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | {
      readonly kind: 'refused';
      readonly code: ErrorCode;
      readonly message: string;
      readonly param: string | undefined;
    }
  | { readonly kind: 'failed'; readonly message: string };

export interface JobResult<Value> {
  readonly value: Value;
  /** Moved to the caller, not copied. */
  readonly transfer: readonly Transferable[];
}

/** The thread's end of a `WorkerPool`: every job gets exactly one reply. */
export function serveJobs<Job, Value>(work: (job: Job) => Promise<JobResult<Value>>): void {
  const post = (reply: JobReply<Value>, transfer: readonly Transferable[] = []): void => {
    parentPort?.postMessage(reply, [...transfer]);
  };
  parentPort?.on('message', (job: Job) => {
    void work(job).then(
      ({ value, transfer }) => post({ kind: 'done', value }, transfer),
      (error: unknown) => post(replyTo(error)),
    );
  });
  parentPort?.postMessage(READY);
}

function replyTo(error: unknown): JobReply<never> {
  if (DomainError.is(error)) {
    return { kind: 'refused', code: error.code, message: error.message, param: error.param };
  }
  return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
}
