import { availableParallelism } from 'node:os';
import { DomainError } from '@trivium/contracts';
import {
  type BatchLimits,
  type ModelV1,
  type Placement,
  type Quarantine,
  type WorkerEvent,
  WorkerLost,
  WorkerPool,
} from '@trivium/serving';
import type { Work } from '../worker/protocol.js';
import { type ProgramReference, WorkerProcess } from '../worker/worker-process.js';

export interface OnnxModelOptions<Task> extends ProgramReference {
  readonly modelId: string;
  readonly variant: string;
  readonly limits: Omit<BatchLimits, 'maxConcurrentBatches'>;
  readonly costOf: (task: Task) => number;
  readonly bucketOf: (task: Task) => string;
  /** Items that one task holds; default 1. */
  readonly itemsOf?: ((task: Task) => number) | undefined;
  /** Of one worker, by its number; default: the same for all. */
  readonly optionsOf?: ((slot: number) => unknown) | undefined;
  readonly placement?: Placement | undefined;
  /** Default: one per core that this process may use, by the cgroup's quota where there is one. */
  readonly workers?: number | undefined;
  /** A batch that takes longer has hung. */
  readonly hangAfterMs?: number | undefined;
  readonly maxWorkerMemoryBytes?: number | undefined;
  /** A worker that has not loaded by then is ended. */
  readonly startWithinMs?: number | undefined;
  /** Which file it runs, so that one that keeps crashing is not loaded for ever. */
  readonly quarantine?: { readonly files: Quarantine; readonly sha256: string } | undefined;
  readonly onWorker?: ((event: WorkerEvent) => void) | undefined;
}

const HANG_AFTER_MS = 30_000;
const START_WITHIN_MS = 300_000;
const MAX_WORKER_MEMORY_BYTES = 2 * 1024 ** 3;

/** A model whose program runs in worker processes on this machine's cores. */
export class OnnxModel<Task, Result> implements ModelV1<Work<Task>, Result> {
  readonly specification = 'model/v1';
  readonly modelId: string;
  readonly variant: string;
  readonly placement: Placement;
  readonly limits: BatchLimits;
  readonly #workers = new Set<WorkerProcess<Task, Result>>();
  readonly #pool: WorkerPool<readonly Work<Task>[], readonly Result[]>;

  constructor(private readonly options: OnnxModelOptions<Task>) {
    const { workers = availableParallelism(), program, service } = options;
    const { optionsOf = () => options.options } = options;
    this.modelId = options.modelId;
    this.variant = options.variant;
    this.placement = options.placement ?? 'cpu';
    this.limits = { ...options.limits, maxConcurrentBatches: workers };
    this.#pool = new WorkerPool((slot) => this.#startWorker({ program, options: optionsOf(slot), service }), {
      size: workers,
      startWithinMs: options.startWithinMs ?? START_WITHIN_MS,
      refusal: () => this.#refusal(),
      hangAfterMs: options.hangAfterMs ?? HANG_AFTER_MS,
      maxMemoryBytes: options.maxWorkerMemoryBytes ?? MAX_WORKER_MEMORY_BYTES,
      ...(options.onWorker === undefined ? {} : { onWorker: options.onWorker }),
    });
  }

  /** Resolves when every worker has loaded and warmed up. Throws why the first one that cannot does not. */
  async start(): Promise<void> {
    try {
      await this.#pool.start();
    } catch (error) {
      if (!WorkerLost.is(error)) throw error;
      const message = `A worker of ${this.modelId} ended while it loaded: ${error.detail}`;
      throw this.#refusal() ?? new DomainError('model_not_available', message, { cause: error });
    }
  }

  /** Process ids of the workers that live, ready or not. */
  get workerPids(): readonly number[] {
    return [...this.#workers].flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  get ready(): boolean {
    return this.#pool.available;
  }

  /** Why no worker can start, when none can. */
  get startFailure(): unknown {
    return this.#pool.startFailure;
  }

  costOf({ task }: Work<Task>): number {
    return this.options.costOf(task);
  }

  bucketOf({ task }: Work<Task>): string {
    return this.options.bucketOf(task);
  }

  itemsOf({ task }: Work<Task>): number {
    return this.options.itemsOf?.(task) ?? 1;
  }

  /** Resident memory of all workers, as each last told. */
  get memoryBytes(): number {
    return [...this.#workers].reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  }

  /** What the program tells of itself; every worker tells the same. */
  get facts(): unknown {
    return [...this.#workers].find(({ facts }) => facts !== undefined)?.facts;
  }

  async doRun(batch: readonly Work<Task>[], signal: AbortSignal): Promise<readonly Result[]> {
    const results = await this.#pool.run(batch, signal);
    const { quarantine } = this.options;
    quarantine?.files.noteAnswer(quarantine.sha256);
    return results;
  }

  /** Call once no task that names this attachment will come; workers keep it until then. */
  release(attachmentId: string): void {
    for (const worker of this.#workers) worker.release(attachmentId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]();
  }

  #refusal(): DomainError | undefined {
    const { quarantine } = this.options;
    return quarantine?.files.refusal(quarantine.sha256, this.modelId);
  }

  #startWorker(reference: ProgramReference): WorkerProcess<Task, Result> {
    const worker = new WorkerProcess<Task, Result>(reference);
    this.#workers.add(worker);
    void worker.exited.then(() => this.#workers.delete(worker));
    void this.#watch(worker);
    return worker;
  }

  /** An end that nobody asked for is the file's, until it is shown otherwise. */
  async #watch(worker: WorkerProcess<Task, Result>): Promise<void> {
    const { quarantine } = this.options;
    if (quarantine === undefined) return;
    const { files, sha256 } = quarantine;
    let loaded = true;
    await worker.ready.catch((error: unknown) => {
      loaded = false;
      if (WorkerLost.is(error) && !worker.dismissed) files.noteLoadCrash(sha256, error.detail);
    });
    if (!loaded) return;
    files.noteLoad(sha256);
    const how = await worker.exited;
    if (!worker.dismissed) files.noteRunCrash(sha256, how);
  }
}
