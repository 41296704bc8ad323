import type { RolloutStatus } from '@trivium/contracts/inference';
import { Rollout, type RolloutSample } from '@trivium/serving';
import type { z } from 'zod';

type Status = z.output<typeof RolloutStatus>;

/** Copies of requests that one replica runs on a candidate at the same time; the rest is not copied. */
const MOST_SHADOWS = 2;

/** A candidate version under trial in this process. What it came to is written to the repository by the first replica that knows. */
export class ModelRollout {
  readonly #judge: Rollout;
  #shadows = 0;

  private constructor(private readonly status0: Status) {
    this.#judge = new Rollout(status0.rule);
  }

  /** The rollout that the repository tells of: the one at hand, when it is the same still. */
  static following(current: ModelRollout | undefined, status: Status | undefined): ModelRollout | undefined {
    if (status === undefined) return undefined;
    const same =
      current !== undefined && JSON.stringify(current.status0.rule) === JSON.stringify(status.rule);
    return same && current.status0.state === status.state ? current : new ModelRollout(status);
  }

  get candidate(): string {
    return this.status0.rule.candidate;
  }

  get isRunning(): boolean {
    return this.status0.state === 'running' && this.#judge.state === 'running';
  }

  /** The version that answers nobody who does not name it. */
  get withheld(): string | undefined {
    return this.status0.state === 'promoted' ? undefined : this.candidate;
  }

  /** Whether this request is one of those that the candidate takes part in. */
  draws(mode: 'shadow' | 'canary', random: number): boolean {
    return this.isRunning && this.status0.rule.mode === mode && random * 100 < this.status0.rule.percent;
  }

  get metric(): Status['rule']['metric'] {
    return this.status0.rule.metric;
  }

  /** A place for a copy, or undefined when enough of them run. */
  shadow(): Disposable | undefined {
    if (this.#shadows >= MOST_SHADOWS) return undefined;
    this.#shadows += 1;
    return { [Symbol.dispose]: () => void (this.#shadows -= 1) };
  }

  /** The status to write to the repository, when this sample decided. */
  record(sample: RolloutSample): Status | undefined {
    if (!this.isRunning) return undefined;
    return this.#judge.record(sample) === 'running' ? undefined : this.#judge.status();
  }

  /** What this replica has seen, or what was decided. */
  status(): Status {
    return this.status0.state === 'running' ? this.#judge.status() : this.status0;
  }
}
