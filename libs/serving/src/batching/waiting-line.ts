import type { Waiting } from './entry.js';
import type { FairShare } from './fair-share.js';

/** Entries that a batch chooses its members from: so many times its size, and never more than the bound. */
const WINDOW_FACTOR = 16;
const WINDOW = 512;

/**
 * Entries that wait, apart by bucket and tenant, in order within. Pure: time and running are the
 * batcher's.
 *
 * A level is a head start: work of level l takes its place as if it had come (l − 1) · agingMs later.
 * So level 1 goes first, but whatever has waited long enough competes as level 1 and nothing starves.
 * Among what competes at one level the tenant furthest behind its share goes first, and within a tenant
 * the oldest request.
 */
export class WaitingLine<E extends Waiting> {
  readonly #buckets = new Map<string, Map<string, E[]>>();
  readonly #tenants = new Map<string, number>();
  #size = 0;
  #items = 0;
  #cost = 0;

  constructor(
    readonly shares: FairShare,
    private readonly agingMs: number,
  ) {}

  get size(): number {
    return this.#size;
  }

  get items(): number {
    return this.#items;
  }

  /** Sum of the costs of all that waits, each by itself. */
  get cost(): number {
    return this.#cost;
  }

  /** Tenants that wait and the items of each. */
  get tenants(): ReadonlyMap<string, number> {
    return this.#tenants;
  }

  add(entry: E): void {
    const tenants = this.#buckets.get(entry.bucket) ?? new Map<string, E[]>();
    this.#buckets.set(entry.bucket, tenants);
    const line = tenants.get(entry.tenant) ?? [];
    tenants.set(entry.tenant, line);
    line.splice(this.#position(line, entry), 0, entry);
    this.#count(entry, 1);
  }

  remove(entry: E): boolean {
    const tenants = this.#buckets.get(entry.bucket);
    const line = tenants?.get(entry.tenant);
    if (tenants === undefined || line === undefined) return false;
    const after = this.#position(line, entry) - 1;
    if (line[after] !== entry) return false;
    line.splice(after, 1);
    if (line.length === 0) tenants.delete(entry.tenant);
    if (tenants.size === 0) this.#buckets.delete(entry.bucket);
    this.#count(entry, -1);
    if (this.#size === 0) this.shares.clear();
    return true;
  }

  *[Symbol.iterator](): IterableIterator<E> {
    for (const tenants of this.#buckets.values()) for (const line of tenants.values()) yield* line;
  }

  /** The level that it competes at by now. */
  levelOf(entry: E, now: number): number {
    if (entry.level === 1) return 1;
    return Math.max(1, Math.ceil((this.#place(entry) - now) / this.agingMs) + 1);
  }

  /** Whose turn it is. */
  head(now: number): E | undefined {
    let best: E | undefined;
    let bestLevel = 0;
    let bestVirtual = 0;
    for (const tenants of this.#buckets.values()) {
      for (const [tenant, [candidate]] of tenants) {
        if (candidate === undefined) continue;
        const level = this.levelOf(candidate, now);
        const virtual = this.shares.virtualOf(level, tenant);
        const order =
          best === undefined
            ? -1
            : level - bestLevel || virtual - bestVirtual || this.#compare(candidate, best);
        if (order >= 0) continue;
        best = candidate;
        bestLevel = level;
        bestVirtual = virtual;
      }
    }
    return best;
  }

  /**
   * What of the head's level could join it, in the order in which turns would come: its bucket without
   * what must run alone, and without tenants so far ahead that a whole batch of the head's tenant would
   * not bring it level. That bound keeps a tenant whose lengths suit everybody from living off company.
   */
  company(head: E, now: number, maxBatchItems: number): readonly E[] {
    const tenants = this.#buckets.get(head.bucket) ?? new Map<string, E[]>();
    const headLevel = this.levelOf(head, now);
    const window = Math.min(WINDOW, WINDOW_FACTOR * maxBatchItems);
    const furthest =
      this.shares.virtualOf(headLevel, head.tenant) +
      this.shares.advanceOf(head.tenant, head.cost * maxBatchItems);
    const turns: { entry: E; turn: number }[] = [];
    for (const [tenant, line] of tenants) {
      let turn = this.shares.virtualOf(headLevel, tenant);
      for (const entry of line.slice(0, window)) {
        if (turn > furthest || this.levelOf(entry, now) !== headLevel) break;
        if (entry !== head && !entry.alone) turns.push({ entry, turn });
        turn += tenants.size > 1 ? this.shares.advanceOf(tenant, entry.cost * entry.items) : 0;
      }
    }
    if (tenants.size > 1) {
      turns.sort((one, other) => one.turn - other.turn || this.#compare(one.entry, other.entry));
    }
    return turns.slice(0, window).map(({ entry }) => entry);
  }

  /** What of later levels could join once nothing else of the head's level waits; empty before. */
  fillers(members: readonly E[], now: number): readonly E[] {
    const [head] = members;
    if (head === undefined) return [];
    const taken = new Set(members);
    const headLevel = this.levelOf(head, now);
    const fillers: E[] = [];
    for (const [bucket, tenants] of this.#buckets) {
      for (const line of tenants.values()) {
        const rest = line.slice(0, WINDOW).filter((entry) => !taken.has(entry));
        const [next] = rest;
        if (next === undefined) continue;
        if (this.levelOf(next, now) <= headLevel) return [];
        if (bucket === head.bucket) fillers.push(...rest.filter(({ alone }) => !alone));
      }
    }
    return fillers.sort((one, other) => this.#compare(one, other)).slice(0, WINDOW);
  }

  /**
   * A full line belongs to its tenants by weight: the one that holds most of it gives up its last piece to
   * one that holds less (longest queue drop: Suter et al., INFOCOM 1998).
   */
  pushedOutBy({ tenant, items }: Pick<E, 'tenant' | 'items'>): E | undefined {
    const tenants = this.#tenants;
    if (tenants.size === 0 || (tenants.size === 1 && tenants.has(tenant))) return undefined;
    let most = this.shares.advanceOf(tenant, (tenants.get(tenant) ?? 0) + items);
    let largest: string | undefined;
    for (const [other, held] of tenants) {
      const share = this.shares.advanceOf(other, held);
      if (other === tenant || share <= most) continue;
      most = share;
      largest = other;
    }
    return largest === undefined ? undefined : this.#lastOf(largest);
  }

  /** The tenant's entry whose turn comes last. */
  #lastOf(tenant: string): E | undefined {
    let last: E | undefined;
    for (const tenants of this.#buckets.values()) {
      const candidate = tenants.get(tenant)?.at(-1);
      if (candidate !== undefined && (last === undefined || this.#compare(candidate, last) > 0))
        last = candidate;
    }
    return last;
  }

  #place({ arrivedAt, level }: E): number {
    return arrivedAt + (level - 1) * this.agingMs;
  }

  #compare(one: E, other: E): number {
    return this.#place(one) - this.#place(other) || one.sequence - other.sequence;
  }

  /** Behind everything that goes before it or is it. */
  #position(line: readonly E[], entry: E): number {
    let low = 0;
    let high = line.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = line[middle];
      if (other !== undefined && this.#compare(other, entry) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #count({ tenant, items, cost }: E, sign: 1 | -1): void {
    this.#size += sign;
    this.#items += sign * items;
    this.#cost += sign * items * cost;
    const left = (this.#tenants.get(tenant) ?? 0) + sign * items;
    if (left > 0) this.#tenants.set(tenant, left);
    else this.#tenants.delete(tenant);
    if (this.#size === 0) this.#cost = 0; // sums of fractions do not come back to 0 by themselves
  }
}
