import { LRUCache } from 'lru-cache';

interface Pace {
  lastAt: number;
  gapMs: number;
  cost: number;
}

const MAX_BUCKETS = 256;
/** Weight of the newest gap: about the last ten arrivals count. */
const SMOOTHING = 0.2;

/** How often work comes and what it costs, bucket by bucket: running means. */
export class Arrivals {
  readonly #paces = new LRUCache<string, Pace>({ max: MAX_BUCKETS });

  note(bucket: string, cost: number, now: number): void {
    const pace = this.#paces.get(bucket);
    if (pace === undefined) {
      this.#paces.set(bucket, { lastAt: now, gapMs: Number.POSITIVE_INFINITY, cost });
      return;
    }
    const gap = now - pace.lastAt;
    pace.gapMs = Number.isFinite(pace.gapMs) ? pace.gapMs + SMOOTHING * (gap - pace.gapMs) : gap;
    pace.cost += SMOOTHING * (cost - pace.cost);
    pace.lastAt = now;
  }

  /** Undefined until two have come. */
  paceOf(bucket: string): Readonly<Pace> | undefined {
    const pace = this.#paces.get(bucket);
    return pace !== undefined && Number.isFinite(pace.gapMs) ? pace : undefined;
  }
}
