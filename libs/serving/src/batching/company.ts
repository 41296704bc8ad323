import { type Waiting, dearestOf, itemsOf, ownCost } from './entry.js';

/** Milliseconds of a run of so many items padded to the cost; undefined while nothing was measured. */
export type Duration = (items: number, cost: number) => number | undefined;

interface CompanyOptions {
  readonly maxBatchItems: number;
  readonly maxBatchCost: number;
  readonly durationOf: Duration;
  readonly now: number;
  /** A run may be made longer up to this many milliseconds; beyond it an idle instance takes the rest sooner. */
  readonly fairPartMs: number;
  /** The same bound in cost, for as long as nothing was measured. */
  readonly fairPartCost: number;
}

export interface Company<E> {
  readonly entries: readonly [E, ...E[]];
  /** What kept the next one out; `none`: nobody was left who would have paid. */
  readonly bound: 'full' | 'spread' | 'none';
}

/** Padding that is taken into the bargain while nothing was measured: a tenth of what the members cost. */
const UNMEASURED_WASTE = 0.1;
/** Sums of fractions differ in the last digits. */
const EQUAL = 1 + 1e-9;

/**
 * Who joins the members that a run has: at first only its head. A member joins only if it makes the run
 * no longer than it would take elsewhere: t(n + m, max) ≤ t(n, L) + t(m, l), so that a batch is never
 * slower than one by one, or less where others like it wait, whose run it could share. Of those, the
 * nearest in cost first, since padding is what makes company dear; at equal cost in the order of turns.
 *
 * While nothing was measured, a member joins as long as padding adds at most a tenth.
 */
export function chooseCompany<E extends Waiting>(
  members: readonly [E, ...E[]],
  candidates: readonly E[],
  options: CompanyOptions,
): Company<E> {
  const [head] = members;
  // Equal cost stands above: sorting keeps the order of turns among equals.
  const above = candidates.filter(({ cost }) => cost >= head.cost).sort((a, b) => a.cost - b.cost);
  const below = candidates.filter(({ cost }) => cost < head.cost).sort((a, b) => b.cost - a.cost);
  const entries: [E, ...E[]] = [...members];
  let run = runOf(members, options.durationOf);
  let bound: Company<E>['bound'] = 'none';
  let [up, down] = [0, 0];
  for (;;) {
    const upper = weigh(run, above, up, options);
    const lower = weigh(run, below, down, options);
    const takeUpper = gainOf(upper) >= gainOf(lower);
    const [entry, verdict] = takeUpper ? [above[up], upper] : [below[down], lower];
    if (entry === undefined || verdict === undefined) break;
    // The next on this side is further away still; only what is full for one may hold a smaller one.
    const last = verdict.kind === 'dear' || verdict.kind === 'spread';
    if (takeUpper) up = last ? above.length : up + 1;
    else down = last ? below.length : down + 1;
    if (verdict.kind === 'joins') {
      entries.push(entry);
      run = verdict.run;
    } else if (verdict.kind !== 'dear') {
      bound = verdict.kind;
    }
    if (run.items >= options.maxBatchItems) break;
  }
  return { entries, bound: run.items >= options.maxBatchItems ? 'full' : bound };
}

interface Run {
  readonly items: number;
  readonly cost: number;
  readonly ownCost: number;
  readonly ms: number | undefined;
  readonly deadline: number;
}

function runOf(members: readonly Waiting[], durationOf: Duration): Run {
  const [items, cost] = [itemsOf(members), dearestOf(members)];
  const deadline = members.reduce((least, one) => Math.min(least, one.deadline), Number.POSITIVE_INFINITY);
  return { items, cost, ownCost: ownCost(members), ms: durationOf(items, cost), deadline };
}

type Verdict =
  | { readonly kind: 'joins'; readonly run: Run; readonly gain: number }
  | { readonly kind: 'full' | 'spread' | 'dear' };

/** Refusals are seen off after everything that joins, so that each side ends by itself. */
function gainOf(verdict: Verdict | undefined): number {
  if (verdict === undefined) return Number.NEGATIVE_INFINITY;
  return verdict.kind === 'joins' ? verdict.gain : -Number.MAX_VALUE;
}

function weigh(run: Run, side: readonly Waiting[], at: number, options: CompanyOptions): Verdict | undefined {
  const mate = side[at];
  if (mate === undefined) return undefined;
  const items = run.items + mate.items;
  const cost = Math.max(run.cost, mate.cost);
  if (items > options.maxBatchItems || items * cost > options.maxBatchCost) return { kind: 'full' };
  const alone = run.ownCost + mate.items * mate.cost;
  const deadline = Math.min(run.deadline, mate.deadline);
  const ms = options.durationOf(items, cost);
  const mateMs = elsewhereMs(side, at, options);
  const joined: Run = { items, cost, ownCost: alone, ms, deadline };
  if (ms === undefined || mateMs === undefined || run.ms === undefined) {
    const padding = items * cost - alone;
    if (padding > UNMEASURED_WASTE * alone) return { kind: 'dear' };
    if (items * cost > Math.max(run.items * run.cost, options.fairPartCost)) return { kind: 'spread' };
    return { kind: 'joins', run: joined, gain: -padding };
  }
  const gain = run.ms + mateMs - ms;
  if (ms > (run.ms + mateMs) * EQUAL) return { kind: 'dear' };
  // Company must not make anybody late who would be in time without it.
  const late = options.now + ms > deadline && options.now + run.ms <= run.deadline;
  if (late) return { kind: 'dear' };
  if (ms > Math.max(run.ms, options.fairPartMs) * EQUAL) return { kind: 'spread' };
  return { kind: 'joins', run: joined, gain };
}

/** Sizes of the runs with its neighbours that a candidate's joining is weighed against. */
const COMPANIES_ELSEWHERE = [2, 4, 8];

/** What a candidate takes if it does not join: a run of its own, or its part of one with those next to it. */
function elsewhereMs(
  side: readonly Waiting[],
  at: number,
  { durationOf, maxBatchItems, maxBatchCost }: CompanyOptions,
): number | undefined {
  const mate = side[at];
  if (mate === undefined) return undefined;
  let least = durationOf(mate.items, mate.cost);
  for (const size of COMPANIES_ELSEWHERE) {
    if (at + size > side.length) break;
    const company = side.slice(at, at + size);
    const [items, cost] = [itemsOf(company), dearestOf(company)];
    if (items > maxBatchItems || items * cost > maxBatchCost) break;
    const part = ((durationOf(items, cost) ?? Infinity) * mate.items) / items;
    least = least === undefined ? undefined : Math.min(least, part);
  }
  return least;
}
