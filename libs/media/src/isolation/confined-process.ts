import { type ChildProcess, fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { IsolationFailure } from './isolation-failure.js';
import { READY } from './serve-jobs.js';

const MIB = 1024 * 1024;
const MEMORY_POLL_MS = 100;
const PAGE_BYTES = 4096;

export interface Confinement {
  readonly maxMemoryMiB: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A process of its own for code that may crash, hang or swallow memory on hostile input: no environment,
 * no file writes, no processes of its own; killed past its memory or time. One request at a time.
 */
export class ConfinedProcess<Request, Reply> implements Disposable {
  readonly #child: ChildProcess;
  readonly #signal: AbortSignal | undefined;
  readonly #memoryWatch: NodeJS.Timeout;
  #started = false;
  #failure: Error | undefined;
  #reject: ((failure: Error) => void) | undefined;
  #resolve: ((reply: Reply) => void) | undefined;

  constructor(module: URL, { maxMemoryMiB, signal }: Confinement) {
    this.#signal = signal;
    this.#child = fork(module, [], {
      env: {},
      execArgv: [
        `--max-old-space-size=${maxMemoryMiB}`,
        '--permission',
        '--allow-fs-read=*',
        '--allow-addons',
        '--disable-warning=SecurityWarning',
      ],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#child.on('message', (reply) => {
      if (reply === READY) this.#started = true;
      else this.#resolve?.(reply as Reply);
    });
    this.#child.once('error', (error) => this.#crash(error));
    this.#child.once('exit', (code, killedBy) => {
      this.#crash(new Error(`exit code ${code}, signal ${killedBy}`));
    });
    this.#memoryWatch = setInterval(() => void this.#checkMemory(maxMemoryMiB * MIB), MEMORY_POLL_MS);
    signal?.addEventListener('abort', this.#abort, { once: true });
    if (signal?.aborted === true) this.#abort();
  }

  async request(message: Request, timeoutMs: number): Promise<Reply> {
    if (this.#failure !== undefined) throw this.#failure;
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    this.#resolve = resolve;
    this.#reject = reject;
    const timer = setTimeout(() => this.#fail(new IsolationFailure('timed-out')), timeoutMs);
    this.#child.send(message as object, (error) => {
      if (error !== null) this.#crash(error);
    });
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#resolve = undefined;
      this.#reject = undefined;
    }
  }

  [Symbol.dispose](): void {
    this.#fail(new IsolationFailure('aborted'));
  }

  readonly #abort = (): void => this.#fail(new IsolationFailure('aborted', this.#signal?.reason));

  /** A process that never said it was ready is broken by itself, not by its input. */
  #crash(cause: Error): void {
    this.#fail(
      this.#started
        ? new IsolationFailure('crashed', cause)
        : new Error('The process did not start', { cause }),
    );
  }

  #fail(failure: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    clearInterval(this.#memoryWatch);
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#child.kill('SIGKILL');
    this.#reject?.(failure);
  }

  /** The heap limit does not see native memory, so what is resident is read where the system tells it. */
  async #checkMemory(maxBytes: number): Promise<void> {
    const statm = await readFile(`/proc/${this.#child.pid}/statm`, 'latin1').catch(() => '');
    const resident = Number(statm.split(' ')[1] ?? 0) * PAGE_BYTES;
    if (resident > maxBytes) this.#fail(new IsolationFailure('out-of-memory'));
  }
}
