import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { DomainError } from '@trivium/contracts';
import type { ModelJob } from '@trivium/contracts/inference';
import { jobFailedUnexpectedly, jobFinished, jobRecordTroubled } from './events.js';
import { JobRecords, type SharedRecords } from './job-records.js';
import { type JobBody, JobCancelled, JobRun } from './job-run.js';

export interface JobsOptions {
  readonly records: SharedRecords;
  /** Owner of the jobs; others in the same store are not seen. */
  readonly service: string;
  readonly maxRunning?: number | undefined;
  /** Jobs that may wait for a place; one more is `overloaded`. */
  readonly maxWaiting?: number | undefined;
  /** How often running jobs are written down and wishes to cancel them are looked for. */
  readonly beatMs?: number | undefined;
  readonly leaseMs?: number | undefined;
  /** Wall clock. */
  readonly now?: (() => number) | undefined;
}

interface NewJob {
  readonly kind: ModelJob['kind'];
  readonly model: string;
  /** While a job of this purpose runs anywhere, it is the answer and no second one begins: `pull clip`. */
  readonly purpose: string;
  readonly body: JobBody;
}

const MOST_LISTED = 200;
const RETRY_MS = 5_000;
/** Longest that a cancelled job is waited for before it is shown as it is. */
const STOP_WAIT_MS = 2_000;

/**
 * Work that takes longer than a request. A bounded number runs here; all replicas see every job and may
 * cancel it; one whose owner died is seen as failed.
 */
export class Jobs implements AsyncDisposable {
  readonly #records: JobRecords;
  readonly #maxRunning: number;
  readonly #maxWaiting: number;
  readonly #beatMs: number;
  readonly #now: () => number;
  readonly #own = new Map<string, JobRun>();
  readonly #waiting: JobRun[] = [];
  readonly #saving = new Map<JobRun, Promise<void>>();
  #running = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: JobsOptions) {
    const { records, service, leaseMs = 30_000, now = Date.now } = options;
    this.#records = new JobRecords(records, service, leaseMs, now);
    this.#maxRunning = options.maxRunning ?? 2;
    this.#maxWaiting = options.maxWaiting ?? 16;
    this.#beatMs = options.beatMs ?? 1_000;
    this.#now = now;
  }

  /** Returns at once with the job as it begins, or with the one of the same purpose that is under way. */
  async start({ kind, model, purpose, body }: NewJob): Promise<ModelJob> {
    const same = await this.#sameUnderWay(purpose);
    if (same !== undefined) return same;
    if (this.#closed) throw stopping();
    if (this.#running >= this.#maxRunning && this.#waiting.length >= this.#maxWaiting) {
      throw new DomainError('overloaded', `${this.#own.size} jobs run or wait already.`, {
        retryAfterMs: RETRY_MS,
      });
    }
    const job: ModelJob = {
      jobId: `job_${randomUUID()}`,
      kind,
      model,
      state: 'running',
      progress: 0,
      detail: 'waiting',
      createdAt: this.#now(),
    };
    const run = new JobRun(job, purpose, body);
    this.#own.set(job.jobId, run);
    this.#waiting.push(run);
    this.#timer ??= setInterval(() => void this.#beat(), this.#beatMs).unref();
    this.#fill();
    await this.#save(run);
    return run.job;
  }

  /** Newest first. */
  async list(): Promise<ModelJob[]> {
    const stored = await this.#records.all();
    return stored.slice(0, MOST_LISTED).map(({ job }) => this.#own.get(job.jobId)?.job ?? job);
  }

  /** Throws `not_found`. */
  async get(jobId: string): Promise<ModelJob> {
    const job = this.#own.get(jobId)?.job ?? (await this.#records.get(jobId))?.job;
    if (job !== undefined) return job;
    throw new DomainError('not_found', `There is no job '${jobId}'. Jobs are kept for a day.`, {
      param: 'job_id',
    });
  }

  /** Here or at another replica, which hears of it with its next beat. Throws `not_found`, and `conflict` when it is over. */
  async cancel(jobId: string): Promise<ModelJob> {
    const job = await this.get(jobId);
    if (job.state !== 'running') {
      throw new DomainError('conflict', `The job '${jobId}' is over: ${job.state}.`, {
        param: 'job_id',
        retryable: false,
      });
    }
    const run = this.#own.get(jobId);
    if (run === undefined) {
      await this.#records.wishCancelled(jobId);
      return { ...job, detail: 'being cancelled' };
    }
    this.#stop(run, new JobCancelled('cancelled'));
    await Promise.race([run.ended, delay(STOP_WAIT_MS, undefined, { ref: false })]);
    return run.job;
  }

  /** Stops what runs here; it is told as failed, to be started again elsewhere. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    const runs = [...this.#own.values()];
    for (const run of runs) this.#stop(run, stopping());
    await Promise.all(runs.map((run) => run.ended));
    await Promise.all(runs.map((run) => this.#save(run)));
  }

  async #sameUnderWay(purpose: string): Promise<ModelJob | undefined> {
    const isSame = (other: { job: ModelJob; purpose: string }) =>
      other.purpose === purpose && other.job.state === 'running';
    const stored = (await this.#records.all()).find(isSame);
    // Looked for last: nothing is waited for between this look and the start of a job.
    return ([...this.#own.values()].find(isSame) ?? stored)?.job;
  }

  #fill(): void {
    while (this.#running < this.#maxRunning) {
      const run = this.#waiting.shift();
      if (run === undefined) return;
      this.#running += 1;
      void this.#execute(run).finally(() => {
        this.#running -= 1;
        this.#fill();
      });
    }
  }

  async #execute(run: JobRun): Promise<void> {
    const { jobId, kind, createdAt } = run.job;
    await run.execute(this.#now, (error) => jobFailedUnexpectedly({ jobId, kind, error }));
    const { model, state, finishedAt = createdAt } = run.job;
    jobFinished({ jobId, kind, model, state, durationMs: finishedAt - createdAt });
    void this.#settle(run);
  }

  #stop(run: JobRun, reason: Error): void {
    run.stop(reason);
    const index = this.#waiting.indexOf(run);
    if (index < 0) return;
    this.#waiting.splice(index, 1);
    void this.#execute(run);
  }

  async #beat(): Promise<void> {
    await Promise.all(
      [...this.#own.values()].map(async (run) => {
        if (this.#saving.has(run)) return;
        if (run.job.state !== 'running') return this.#settle(run);
        await this.#save(run);
        const wished = await this.#records.isWishedCancelled(run.job.jobId).catch(() => false);
        if (wished) this.#stop(run, new JobCancelled('cancelled'));
      }),
    );
  }

  /** Writes how it ended, with a later beat if not now; nobody starts a job while the store is away, so few are kept. */
  async #settle(run: JobRun): Promise<void> {
    if (!(await this.#save(run))) return;
    this.#own.delete(run.job.jobId);
    if (this.#own.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** A store that is away for a while costs the others' view of the job, not the job. */
  async #save(run: JobRun): Promise<boolean> {
    await this.#saving.get(run);
    const { job, purpose } = run;
    const saving = this.#records.put({ job, purpose, aliveAt: this.#now() });
    const settled = saving.then(
      () => undefined,
      () => undefined,
    );
    this.#saving.set(run, settled);
    try {
      await saving;
      return true;
    } catch (error) {
      jobRecordTroubled({ jobId: job.jobId, error });
      return false;
    } finally {
      if (this.#saving.get(run) === settled) this.#saving.delete(run);
    }
  }
}

function stopping(): DomainError {
  return new DomainError('unavailable', 'The service is stopping. Start the job again in a moment.', {
    retryAfterMs: RETRY_MS,
  });
}
