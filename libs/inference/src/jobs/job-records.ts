import { ModelJob } from '@trivium/contracts/inference';
import { z } from 'zod';

/**
 * What jobs need of a store that all replicas share: `messaging.records('model-jobs')`, whose records go
 * a day after they were last written.
 */
export interface SharedRecords {
  get(key: string): Promise<{ readonly value: unknown } | undefined>;
  put(key: string, value: unknown): Promise<unknown>;
  list(prefix?: string): Promise<readonly { readonly value: unknown }[]>;
}

const StoredJob = z.object({
  job: ModelJob,
  /** Jobs with the same purpose are one job while it runs. */
  purpose: z.string(),
  /** Wall clock of the owner when it last gave a sign of life. */
  aliveAt: z.number(),
});
type StoredJob = z.output<typeof StoredJob>;

const ownerGone = {
  code: 'unavailable',
  message: 'The replica that worked on it is gone. Start it again; a pull goes on where it ended.',
} as const;

/** The jobs of one service in the shared store. Owners write jobs, anybody writes the wish to cancel one. */
export class JobRecords {
  constructor(
    private readonly records: SharedRecords,
    private readonly service: string,
    /** Silence of its owner after which a running job counts as failed; far above the skew of wall clocks. */
    private readonly leaseMs: number,
    private readonly now: () => number,
  ) {}

  async put(stored: StoredJob): Promise<void> {
    await this.records.put(this.#jobKey(stored.job.jobId), stored);
  }

  async get(jobId: string): Promise<StoredJob | undefined> {
    return this.#read((await this.records.get(this.#jobKey(jobId)))?.value);
  }

  /** Newest first. */
  async all(): Promise<StoredJob[]> {
    const stored = await this.records.list(this.#jobKey(''));
    return stored
      .flatMap(({ value }) => this.#read(value) ?? [])
      .toSorted((a, b) => b.job.createdAt - a.job.createdAt);
  }

  async wishCancelled(jobId: string): Promise<void> {
    await this.records.put(this.#cancelKey(jobId), { at: this.now() });
  }

  async isWishedCancelled(jobId: string): Promise<boolean> {
    return (await this.records.get(this.#cancelKey(jobId))) !== undefined;
  }

  /** What another release wrote and this one cannot read is passed over. */
  #read(value: unknown): StoredJob | undefined {
    const { data } = StoredJob.safeParse(value);
    if (data?.job.state !== 'running' || this.now() - data.aliveAt <= this.leaseMs) return data;
    const job: ModelJob = { ...data.job, state: 'failed', error: ownerGone, finishedAt: data.aliveAt };
    return { ...data, job };
  }

  #jobKey(jobId: string): string {
    return `${this.service}/job/${jobId}`;
  }

  #cancelKey(jobId: string): string {
    return `${this.service}/cancel/${jobId}`;
  }
}
