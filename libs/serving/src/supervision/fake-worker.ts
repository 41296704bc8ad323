import type { Worker } from './worker.js';

/** A worker that becomes ready, answers and dies when the test says so. */
export class FakeWorker implements Worker<string, string> {
  readonly ready: Promise<void>;
  readonly exited: Promise<string>;
  memoryBytes = 0;
  killed = false;
  closed = false;
  readonly tasks: string[] = [];
  readonly #readiness = Promise.withResolvers<void>();
  readonly #exit = Promise.withResolvers<string>();
  #answer: PromiseWithResolvers<string> | undefined;

  constructor() {
    this.ready = this.#readiness.promise;
    this.exited = this.#exit.promise;
  }

  becomeReady(): void {
    this.#readiness.resolve();
  }

  failToStart(error: unknown): void {
    this.#readiness.reject(error);
  }

  finish(): void {
    this.#answer?.resolve(`${this.tasks.at(-1) ?? ''} done`);
  }

  failTask(error: unknown): void {
    this.#answer?.reject(error);
  }

  die(how = 'SIGKILL'): void {
    this.#exit.resolve(how);
  }

  run(task: string): Promise<string> {
    this.tasks.push(task);
    this.#answer = Promise.withResolvers<string>();
    return this.#answer.promise;
  }

  kill(): void {
    this.killed = true;
    this.die();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.die('code 0');
  }
}
