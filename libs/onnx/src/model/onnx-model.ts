import { availableParallelism } from 'node:os';
import {
  type BatchLimits,
  type ModelV1,
  type Placement,
  type WorkerEvent,
  WorkerPool,
} from '@trivium/serving';
import type { TracedTask } from '../worker/protocol.js';
import { type ProgramReference, startWorkerProcess } from '../worker/worker-process.js';

export interface OnnxModelOptions<Task> extends ProgramReference {
  readonly modelId: string;
  readonly variant: string;
  readonly limits: Omit<BatchLimits, 'maxConcurrentBatches'>;
  readonly costOf: (task: Task) => number;
  readonly bucketOf: (task: Task) => string;
  /** Default: one per core that this process may use, by the cgroup's quota where there is one. */
  readonly workers?: number | undefined;
  /** A batch that takes longer has hung. */
  readonly hangAfterMs?: number | undefined;
  readonly maxWorkerMemoryBytes?: number | undefined;
  readonly onWorker?: ((event: WorkerEvent) => void) | undefined;
}

const HANG_AFTER_MS = 30_000;
const MAX_WORKER_MEMORY_BYTES = 2 * 1024 ** 3;

/** A model whose program runs in worker processes on this machine's cores. */
export class OnnxModel<Task, Result> implements ModelV1<TracedTask<Task>, Result> {
  readonly specification = 'model/v1';
  readonly modelId: string;
  readonly variant: string;
  readonly placement: Placement = 'cpu';
  readonly limits: BatchLimits;
  readonly #pool: WorkerPool<readonly TracedTask<Task>[], readonly Result[]>;

  constructor(private readonly options: OnnxModelOptions<Task>) {
    const { workers = availableParallelism(), program, options: programOptions } = options;
    this.modelId = options.modelId;
    this.variant = options.variant;
    this.limits = { ...options.limits, maxConcurrentBatches: workers };
    this.#pool = new WorkerPool(
      () => startWorkerProcess<Task, Result>({ program, options: programOptions }),
      {
        size: workers,
        hangAfterMs: options.hangAfterMs ?? HANG_AFTER_MS,
        maxMemoryBytes: options.maxWorkerMemoryBytes ?? MAX_WORKER_MEMORY_BYTES,
        ...(options.onWorker === undefined ? {} : { onWorker: options.onWorker }),
      },
    );
  }

  /** Resolves when every worker has loaded and warmed up. */
  start(): Promise<void> {
    return this.#pool.start();
  }

  get ready(): boolean {
    return this.#pool.available;
  }

  /** Why no worker can start, when none can. */
  get startFailure(): unknown {
    return this.#pool.startFailure;
  }

  costOf({ task }: TracedTask<Task>): number {
    return this.options.costOf(task);
  }

  bucketOf({ task }: TracedTask<Task>): string {
    return this.options.bucketOf(task);
  }

  doRun(batch: readonly TracedTask<Task>[], signal: AbortSignal): Promise<readonly Result[]> {
    return this.#pool.run(batch, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]();
  }
}
