/** Tenants remembered per level; the ones least ahead are forgotten first, who lose least by it. */
const MAX_TENANTS = 4_096;

interface VirtualClock {
  /** Start tag of the service granted last: nobody competes from further back, so idle time earns no credit. */
  now: number;
  /** Where tenants stand that are ahead of it. */
  readonly ahead: Map<string, number>;
}

/**
 * Weighted fairness by virtual time: serving a tenant advances its clock by cost over weight, and the
 * tenant furthest behind is served next (start-time fair queueing: Goyal, Vin, Cheng, SIGCOMM 1996).
 * Each priority level has its own clocks, so that a tenant is not paid back at one level for what
 * another level took.
 */
export class FairShare {
  readonly #clocks = new Map<number, VirtualClock>();

  constructor(private readonly weightOf: (tenant: string) => number = () => 1) {}

  /** Where the tenant stands; lower goes first. */
  virtualOf(level: number, tenant: string): number {
    const clock = this.#clocks.get(level);
    return clock === undefined ? 0 : Math.max(clock.now, clock.ahead.get(tenant) ?? 0);
  }

  /** By how much such a service would advance the tenant. */
  advanceOf(tenant: string, cost: number): number {
    return cost / Math.max(this.weightOf(tenant), Number.EPSILON);
  }

  /** Every member of a batch is charged; the first is the one whose turn it was. */
  charge(level: number, tenant: string, cost: number, turn: boolean): void {
    const clock = this.#clocks.get(level) ?? { now: 0, ahead: new Map<string, number>() };
    this.#clocks.set(level, clock);
    const start = Math.max(clock.now, clock.ahead.get(tenant) ?? 0);
    if (turn) clock.now = start;
    clock.ahead.set(tenant, start + this.advanceOf(tenant, cost));
    if (clock.ahead.size > MAX_TENANTS) forget(clock);
  }

  /** When nothing waits nobody competes: all start anew. */
  clear(): void {
    this.#clocks.clear();
  }
}

function forget(clock: VirtualClock): void {
  const furthestLast = [...clock.ahead].sort(([, one], [, other]) => one - other);
  for (const [tenant] of furthestLast.slice(0, MAX_TENANTS / 2)) clock.ahead.delete(tenant);
}
