import type { ModelV1 } from '@trivium/serving';

interface Waiting<Input> {
  readonly input: Input;
  readonly resolve: (batchSize: number) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The usual dynamic batching: up to so many in order of arrival, whatever their lengths, as soon as an
 * instance is free. It has no window to wait through, which only does it good.
 */
export class FifoBatcher<Input> {
  readonly #waiting: Waiting<Input>[] = [];
  readonly #signal = new AbortController().signal;
  #running = 0;

  constructor(
    private readonly model: ModelV1<Input, unknown>,
    private readonly maxItems: number,
  ) {}

  /** Answers how many shared the run. */
  run(input: Input): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#waiting.push({ input, resolve, reject });
    this.#dispatch();
    return promise;
  }

  #dispatch(): void {
    while (this.#waiting.length > 0 && this.#running < this.model.limits.maxConcurrentBatches) {
      void this.#run(this.#waiting.splice(0, this.maxItems));
    }
  }

  async #run(batch: readonly Waiting<Input>[]): Promise<void> {
    this.#running += 1;
    try {
      await this.model.doRun(
        batch.map(({ input }) => input),
        this.#signal,
      );
      for (const { resolve } of batch) resolve(batch.length);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.#running -= 1;
      this.#dispatch();
    }
  }
}
