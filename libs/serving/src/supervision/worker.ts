const MARK = Symbol.for('trivium.worker-lost');

export type LossReason = 'exited' | 'hung';

/** The worker ended before it answered: the work may or may not have been at fault. */
export class WorkerLost extends Error {
  override readonly name = 'WorkerLost';
  readonly [MARK] = true;

  constructor(
    readonly reason: LossReason,
    readonly detail: string,
  ) {
    super(`Worker lost (${reason}): ${detail}`);
  }

  static is(value: unknown): value is WorkerLost {
    return typeof value === 'object' && value !== null && MARK in value;
  }
}

/** One process (or thread) that runs one task at a time. */
export interface Worker<Task, Reply> {
  /** Resolves once models are loaded and a warm-up ran; rejects when it never will. */
  readonly ready: Promise<void>;
  /** Resolves with a description when the worker is gone, whatever the cause. */
  readonly exited: Promise<string>;
  /** Bytes that it held when it last answered; 0 before that. */
  readonly memoryBytes: number;
  /** Rejects with {@link WorkerLost} when the worker ends before it answers. */
  run(task: Task): Promise<Reply>;
  /** Ends it at once, whatever it does. */
  kill(): void;
  /** Ends it when it is done. */
  close(): Promise<void>;
}
