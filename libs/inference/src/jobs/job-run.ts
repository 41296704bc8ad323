import { DomainError } from '@trivium/contracts';
import type { ModelJob } from '@trivium/contracts/inference';

export interface JobWork {
  readonly signal: AbortSignal;
  /** 0 to 1, and what is being done; said as often as one likes, written now and then. */
  report(progress: number, detail: string): void;
}

/** Rejects with the signal's reason when it stops early. */
export type JobBody = (work: JobWork) => Promise<Readonly<Record<string, unknown>> | undefined>;

export class JobCancelled extends Error {
  override readonly name = 'JobCancelled';
}

/** One job in the process that does it. */
export class JobRun {
  readonly #abort = new AbortController();
  readonly #body: JobBody;
  readonly #ended = Promise.withResolvers<void>();
  #job: ModelJob;

  constructor(
    job: ModelJob,
    readonly purpose: string,
    body: JobBody,
  ) {
    this.#job = job;
    this.#body = body;
  }

  get job(): ModelJob {
    return this.#job;
  }

  /** Resolves when the work is over, however it went. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  stop(reason: Error): void {
    this.#abort.abort(reason);
  }

  /** Never rejects; `onFault` hears of failures that nobody expected. */
  async execute(now: () => number, onFault: (error: unknown) => void): Promise<void> {
    const { signal } = this.#abort;
    try {
      signal.throwIfAborted();
      const result = await this.#body({
        signal,
        report: (progress, detail) => this.#advance(progress, detail),
      });
      this.#finish(now(), { state: 'succeeded', progress: 1, ...(result && { result: { ...result } }) });
    } catch (error) {
      const cause: unknown = signal.aborted ? signal.reason : error;
      if (cause instanceof JobCancelled) this.#finish(now(), { state: 'cancelled' });
      else {
        if (!DomainError.is(cause)) onFault(cause);
        this.#finish(now(), { state: 'failed', error: faultOf(cause) });
      }
    } finally {
      this.#ended.resolve();
    }
  }

  #advance(progress: number, detail: string): void {
    if (this.#job.state !== 'running') return;
    this.#job = { ...this.#job, progress: Math.min(1, Math.max(0, progress)), detail };
  }

  #finish(finishedAt: number, end: Partial<ModelJob>): void {
    this.#job = { ...this.#job, ...end, finishedAt };
  }
}

/** What was not expected is told in the log alone. */
function faultOf(error: unknown): { code: string; message: string } {
  if (DomainError.is(error)) return { code: error.code, message: error.message };
  return { code: 'internal', message: 'Something failed on our side; the log of the service tells what.' };
}
