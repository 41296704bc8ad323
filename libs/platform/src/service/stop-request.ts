import type { Logger } from '@trivium/telemetry';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * The one request to stop that a process gets, wherever it comes from: a signal, the launcher's end
 * (its IPC channel closes, even when it was killed), or an error that nobody caught. Repeats change nothing.
 */
export class StopRequest implements Disposable {
  readonly requested: Promise<string>;
  readonly #abort = new AbortController();
  readonly #logger: Logger;
  readonly #listeners: (() => void)[] = [];
  readonly #reactions: ((reason: string) => void)[] = [];
  #resolve: (reason: string) => void = () => undefined;
  #failed = false;

  constructor(logger: Logger) {
    this.#logger = logger;
    this.requested = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    for (const signal of SIGNALS) this.#listen(signal, () => this.request(signal));
    this.#listen('uncaughtException', (error) => this.#fail('uncaughtException', error));
    this.#listen('unhandledRejection', (error) => this.#fail('unhandledRejection', error));
    if (process.connected) {
      this.#listen('disconnect', () => this.request('launcher gone'));
      process.channel?.unref(); // listening alone would keep the process alive
    }
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Whether the stop follows an error that nobody caught. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Runs at once when the stop is requested, before anyone who awaits it. */
  onRequest(reaction: (reason: string) => void): void {
    if (this.#abort.signal.aborted) reaction(String(this.#abort.signal.reason));
    else this.#reactions.push(reaction);
  }

  request(reason: string): void {
    if (this.#abort.signal.aborted) return;
    for (const reaction of this.#reactions) reaction(reason);
    this.#abort.abort(reason);
    this.#resolve(reason);
  }

  [Symbol.dispose](): void {
    for (const remove of this.#listeners) remove();
    this.#listeners.length = 0;
  }

  #fail(kind: string, error: unknown): void {
    this.#failed = true;
    process.exitCode = 1;
    this.#logger.fatal({ err: error }, kind);
    this.request(kind);
  }

  #listen(event: string, listener: (value: unknown) => void): void {
    process.on(event, listener);
    this.#listeners.push(() => process.off(event, listener));
  }
}
