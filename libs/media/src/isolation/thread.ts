import { type Transferable, Worker } from 'node:worker_threads';
import { IsolationFailure } from './isolation-failure.js';
import { READY } from './serve-jobs.js';

export interface JobOptions {
  /** From when a thread takes the job; waiting for one is not counted. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Moved to the thread, not copied. */
  readonly transfer?: readonly Transferable[] | undefined;
}

interface Expectation {
  readonly resolve: (message: unknown) => void;
  readonly reject: (failure: Error) => void;
}

/** One worker thread that answers one message at a time, and knows when it has ended. */
export class Thread {
  readonly #worker: Worker;
  #expectation: Expectation | undefined;
  #ended = false;

  private constructor(module: URL) {
    this.#worker = new Worker(module, { env: {}, execArgv: [] });
    this.#worker.on('message', (message) => this.#expectation?.resolve(message));
    this.#worker.on('error', (error) => this.#end(failureFrom(error)));
    this.#worker.on('exit', (code) => {
      this.#end(new IsolationFailure('crashed', new Error(`exit code ${code}`)));
    });
  }

  /** Rejects with a plain error when the thread cannot start: that is no input's fault. */
  static async start(module: URL): Promise<Thread> {
    const thread = new Thread(module);
    try {
      const word = await thread.#next();
      if (word !== READY) throw new Error('Its first message was not that it is ready');
      return thread;
    } catch (cause) {
      thread.end();
      throw new Error(`The thread ${module.pathname} did not start`, { cause });
    }
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The thread must be ended by the caller when this rejects. */
  async ask(job: unknown, { timeoutMs, signal, transfer = [] }: JobOptions): Promise<unknown> {
    if (signal?.aborted === true) throw new IsolationFailure('aborted', signal.reason);
    const abort = (): void => this.#expectation?.reject(new IsolationFailure('aborted', signal?.reason));
    const timer = setTimeout(() => this.#expectation?.reject(new IsolationFailure('timed-out')), timeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    this.#worker.ref();
    try {
      const answer = this.#next();
      this.#worker.postMessage(job, [...transfer]);
      return await answer;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      this.#worker.unref(); // an idle thread never keeps the process alive
    }
  }

  end(): void {
    this.#ended = true;
    void this.#worker.terminate();
  }

  async #next(): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#expectation = { resolve, reject };
    try {
      return await promise;
    } finally {
      this.#expectation = undefined;
    }
  }

  #end(failure: IsolationFailure): void {
    this.#ended = true;
    this.#expectation?.reject(failure);
  }
}

function failureFrom(error: Error): IsolationFailure {
  const outOfMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  return new IsolationFailure(outOfMemory ? 'out-of-memory' : 'crashed', error);
}
