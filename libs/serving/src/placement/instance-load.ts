import { DurationModel } from '../cost/duration-model.js';
import type { ModelInstance } from '../model/model.js';

/** Weight of the newest run in the mean of milliseconds per unit of cost. */
const SMOOTHING = 0.2;

/** What runs on one instance, and how fast it has been. */
export interface InstanceLoad<Input, Output> {
  readonly instance: ModelInstance<Input, Output>;
  readonly durations: DurationModel;
  running: number;
  /** Of what the members cost alone; 0 before the first run. */
  msPerCost: number;
  /** Runs of a single piece of work in a row, while others waited. */
  lonelyRuns: number;
}

/** Which instances could take a run. */
export class InstanceLoads<Input, Output> {
  readonly all: readonly InstanceLoad<Input, Output>[];

  constructor(instances: readonly ModelInstance<Input, Output>[]) {
    const durations = new Map<string, DurationModel>();
    this.all = instances.map((instance) => {
      const model = durations.get(instance.kind) ?? new DurationModel();
      durations.set(instance.kind, model);
      return { instance, durations: model, running: 0, msPerCost: 0, lonelyRuns: 0 };
    });
  }

  /** In the order in which they are tried. */
  idle(): InstanceLoad<Input, Output>[] {
    return this.all.filter(
      ({ instance, running }) =>
        running < instance.limits.maxConcurrentBatches && instance.unavailableForMs === 0,
    );
  }

  idleRuns(idle: readonly InstanceLoad<Input, Output>[]): number {
    return idle.reduce(
      (sum, { instance, running }) => sum + instance.limits.maxConcurrentBatches - running,
      0,
    );
  }

  /** Milliseconds until the first instance that is out of order lets a run through; undefined: none is. */
  nextAvailableMs(): number | undefined {
    const waits = this.all.map(({ instance }) => instance.unavailableForMs).filter((ms) => ms > 0);
    return waits.length === 0 ? undefined : Math.min(...waits);
  }

  /** Whether nothing would let a run through now, idle or busy. */
  get broken(): boolean {
    return this.all.every(({ instance }) => instance.unavailableForMs > 0);
  }

  /** Milliseconds that so much cost takes on all that is in order, judged by the latest runs; 0 before any. */
  drainMs(cost: number): number {
    const costPerMs = this.all
      .filter(({ instance, msPerCost }) => msPerCost > 0 && instance.unavailableForMs === 0)
      .reduce((sum, { instance, msPerCost }) => sum + instance.limits.maxConcurrentBatches / msPerCost, 0);
    return costPerMs === 0 ? 0 : cost / costPerMs;
  }
}

/** Runs without company after which one with company is tried: at most one in so many is a wrong guess. */
const LONELY_RUNS = 64;

export function noteRelease(load: InstanceLoad<unknown, unknown>, requests: number, waiting: number): void {
  if (requests > 1 || isProbeDue(load)) load.lonelyRuns = 0;
  else if (waiting > 0) load.lonelyRuns += 1;
}

/** Whether what was learned keeps everybody apart for so long that it should be put to the test. */
export function isProbeDue({ lonelyRuns }: InstanceLoad<unknown, unknown>): boolean {
  return lonelyRuns >= LONELY_RUNS;
}

/** Takes in how long a run took on an instance. */
export function noteRun(load: InstanceLoad<unknown, unknown>, ownCost: number, computeMs: number): void {
  if (ownCost <= 0) return;
  const latest = computeMs / ownCost;
  load.msPerCost = load.msPerCost === 0 ? latest : load.msPerCost + SMOOTHING * (latest - load.msPerCost);
}
