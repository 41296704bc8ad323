import { Worker } from 'node:worker_threads';
import { DomainError, type ErrorCode } from '@trivium/contracts';
import type { Tensor } from '@trivium/contracts/tensor';
import type { ModelInspection, QuantizationReport, QuantizedVariant } from '@trivium/onnx';

/** Work on whole model files that would hold the event loop for seconds. */
export type OffThreadTask =
  | { readonly kind: 'inspect'; readonly path: string; readonly folder: string }
  | {
      readonly kind: 'quantize';
      readonly path: string;
      readonly target: string;
      readonly variant: QuantizedVariant;
    }
  | {
      /** Inputs that the model accepts, each set of another seed. */
      readonly kind: 'sample';
      readonly path: string;
      readonly sets: number;
      readonly batch: number;
      readonly length: number;
    };

export interface OffThreadResult {
  readonly inspect: ModelInspection;
  readonly quantize: QuantizationReport;
  readonly sample: Tensor[][];
}

export type OffThreadReply =
  | { readonly ok: true; readonly result: OffThreadResult[keyof OffThreadResult] }
  | {
      readonly ok: false;
      readonly code: ErrorCode;
      readonly message: string;
      readonly param: string | undefined;
    };

const MODULE = new URL('off-thread-main.js', import.meta.url);

/** Runs it in a thread of its own, which ends with it or with the signal. */
export async function offThread<Task extends OffThreadTask>(
  task: Task,
  signal: AbortSignal,
): Promise<OffThreadResult[Task['kind']]> {
  signal.throwIfAborted();
  const thread = new Worker(MODULE, { workerData: task });
  const { promise, resolve, reject } = Promise.withResolvers<OffThreadReply>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  thread.once('message', resolve);
  thread.once('error', reject);
  thread.once('exit', (code) => reject(new Error(`The thread ended with code ${code}`)));
  try {
    const reply = await promise;
    if (!reply.ok) throw new DomainError(reply.code, reply.message, { param: reply.param });
    return reply.result as OffThreadResult[Task['kind']]; // the thread answers the task that it was given
  } finally {
    signal.removeEventListener('abort', stop);
    await thread.terminate();
  }
}
