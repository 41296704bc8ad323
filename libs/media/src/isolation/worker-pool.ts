import { DomainError } from '@trivium/contracts';
import { IsolationFailure } from './isolation-failure.js';
import type { JobReply } from './serve-jobs.js';
import { type JobOptions, Thread } from './thread.js';

const IDLE_MS = 30_000;

/**
 * Threads that each run one job at a time. A thread that overruns, crashes or is abandoned is ended and
 * replaced by the next job's; idle ones end themselves. How many jobs may wait is the caller's to bound.
 */
export class WorkerPool<Job, Value> {
  readonly #idle: Thread[] = [];
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(
    private readonly module: URL,
    private readonly size: number,
  ) {}

  async run(job: Job, options: JobOptions): Promise<Value> {
    await this.#enter(options.signal);
    try {
      const thread = this.#takeIdle() ?? (await Thread.start(this.module));
      return await this.#work(thread, job, options);
    } finally {
      this.#busy -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #enter(signal: AbortSignal | undefined): Promise<void> {
    while (this.#busy >= this.size && signal?.aborted !== true) await this.#turn(signal);
    if (signal?.aborted === true) {
      if (this.#busy < this.size) this.#waiting.shift()?.(); // pass on the turn that this job leaves
      throw new IsolationFailure('aborted', signal.reason);
    }
    this.#busy += 1;
  }

  async #turn(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const abandon = (): void => {
      const index = this.#waiting.indexOf(resolve);
      if (index >= 0) this.#waiting.splice(index, 1);
      resolve();
    };
    this.#waiting.push(resolve);
    signal?.addEventListener('abort', abandon, { once: true });
    await promise;
    signal?.removeEventListener('abort', abandon);
  }

  async #work(thread: Thread, job: Job, options: JobOptions): Promise<Value> {
    let reply: JobReply<Value>;
    try {
      reply = (await thread.ask(job, options)) as JobReply<Value>;
    } catch (error) {
      thread.end();
      throw error;
    }
    if (reply.kind === 'failed') {
      thread.end(); // whatever broke inside may have left the decoder's memory inconsistent
      throw new IsolationFailure('crashed', new Error(reply.message));
    }
    this.#rest(thread);
    if (reply.kind === 'refused') throw new DomainError(reply.code, reply.message, { param: reply.param });
    return reply.value;
  }

  #takeIdle(): Thread | undefined {
    let thread = this.#idle.pop();
    while (thread?.ended === true) thread = this.#idle.pop();
    return thread;
  }

  #rest(thread: Thread): void {
    this.#idle.push(thread);
    setTimeout(() => {
      const index = this.#idle.indexOf(thread);
      if (index < 0) return; // at work, or ended
      this.#idle.splice(index, 1);
      thread.end();
    }, IDLE_MS).unref();
  }
}
