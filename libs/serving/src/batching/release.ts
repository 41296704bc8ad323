import { DurationModel } from '../cost/duration-model.js';
import type { BatchLimits } from '../model/model.js';
import type { Arrivals } from './arrivals.js';
import { type Company, chooseCompany, type Duration } from './company.js';
import { type Waiting, dearestOf, itemsOf } from './entry.js';
import type { WaitingLine } from './waiting-line.js';

/**
 * Why a batch left the line when it did.
 *
 * - `full`: another would have gone past the items or the cost of a batch
 * - `idle`: an instance was free, and nobody else who waits would have made it cheaper
 * - `spread`: the rest goes sooner on other idle instances
 * - `not-worth-waiting`: it may be held back, but waiting costs more than company would save
 * - `delay-over`: it was held back as long as it may be
 * - `deadline`: it was held back until a deadline came near
 * - `alone`: the run that it was in ended its worker
 * - `halved`: a part of a batch that failed
 * - `moved`: from an instance that failed to another
 * - `probe`: company that the learned durations advise against, to see whether they are right
 */
export type ReleaseReason =
  | 'full'
  | 'idle'
  | 'spread'
  | 'not-worth-waiting'
  | 'delay-over'
  | 'deadline'
  | 'alone'
  | 'halved'
  | 'moved'
  | 'probe';

/** The instance whose turn it is, and how many runs could begin now on this one and others. */
export interface Opening {
  readonly limits: Pick<BatchLimits, 'maxBatchItems' | 'maxBatchCost'>;
  readonly durations: DurationModel;
  readonly idleRuns: number;
}

/** All that a decision rests on. */
export interface Situation<E extends Waiting> {
  readonly now: number;
  readonly line: WaitingLine<E>;
  readonly opening: Opening;
  readonly arrivals: Arrivals;
  /** Longest that a batch may be held back for company; 0: never. */
  readonly maxQueueDelayMs: number;
}

type Decision<E> =
  | { readonly kind: 'release'; readonly entries: readonly E[]; readonly reason: ReleaseReason }
  /** Nothing leaves before then, unless something comes, ends or leaves. */
  | { readonly kind: 'hold'; readonly until: number }
  | { readonly kind: 'nothing' };

/** What leaves the line now. Pure: the same situation gives the same decision, and nothing changes. */
export function decide<E extends Waiting>(situation: Situation<E>): Decision<E> {
  const { now, line, opening } = situation;
  const head = line.head(now);
  if (head === undefined) return { kind: 'nothing' };
  if (head.alone) return { kind: 'release', entries: [head], reason: 'alone' };

  const durationOf: Duration = (items, cost) => opening.durations.predict(items, cost, head.bucket);
  const fairPart = fairPartOf(situation, durationOf);
  const { maxBatchItems, maxBatchCost } = opening.limits;
  const options = { maxBatchItems, maxBatchCost, durationOf, now, ...fairPart };
  let company = chooseCompany([head], line.company(head, now, maxBatchItems), options);
  const fillers = company.bound === 'none' ? line.fillers(company.entries, now) : [];
  if (fillers.length > 0) company = chooseCompany(company.entries, fillers, options);
  if (company.bound !== 'none') return { kind: 'release', entries: company.entries, reason: company.bound };
  return (
    hold(situation, company, durationOf) ?? { kind: 'release', entries: company.entries, reason: 'idle' }
  );
}

/** Few enough that a wrong guess costs little, enough to see whether a call is shared. */
const PROBE_ITEMS = 4;
/** Slower than one by one a probe may be, but not so slow that anybody is late for it. */
const PROBE_ROOM = 1.5;
const UNMEASURED = new DurationModel();

/**
 * A small batch as it would be formed if nothing had been measured: of nearly equal costs only. Durations that
 * advise against company are never corrected by the runs that they allow, which have none. Undefined
 * where there is no such company, or it could make somebody late.
 */
export function probe<E extends Waiting>(situation: Situation<E>): Decision<E> | undefined {
  const { now, opening } = situation;
  const limits = { ...opening.limits, maxBatchItems: Math.min(opening.limits.maxBatchItems, PROBE_ITEMS) };
  const decision = decide({
    ...situation,
    opening: { ...opening, limits, durations: UNMEASURED },
    maxQueueDelayMs: 0,
  });
  if (decision.kind !== 'release' || decision.entries.length < 2) return undefined;
  const { entries } = decision;
  const single = opening.durations.predict(1, dearestOf(entries));
  if (single === undefined) return undefined;
  const until = now + PROBE_ROOM * single * itemsOf(entries);
  return entries.some(({ deadline }) => deadline < until)
    ? undefined
    : { kind: 'release', entries, reason: 'probe' };
}

/** What each idle instance would run if all that waits were dealt out evenly. */
function fairPartOf<E extends Waiting>(
  { line, opening: { idleRuns } }: Situation<E>,
  durationOf: Duration,
): { fairPartMs: number; fairPartCost: number } {
  if (idleRuns <= 1) return { fairPartMs: Number.POSITIVE_INFINITY, fairPartCost: Number.POSITIVE_INFINITY };
  const single = durationOf(1, line.cost / line.items) ?? 0;
  return { fairPartMs: (single * line.items) / idleRuns, fairPartCost: line.cost / idleRuns };
}

/** A wait counts as worth it only with some room, as in BentoML. */
const DECAY = 0.95;

/**
 * Whether to wait for one more. Undefined: never held back at all.
 *
 * Released now, the batch takes t(n) and the next to come waits for its end. Held for the gap g until the
 * next comes, the n here are later by g + t(n+1) − t(n), and the next one is sooner by
 * t(n) + t(1) − t(n+1) − g. So waiting pays while n·(g + t(n+1) − t(n)) + g stays below t(n) + t(1) − t(n+1).
 * It is the rule of BentoML's dispatcher, n·(w + dt + a) ≤ average wait, with the learned durations in
 * place of its line. The gap is the running mean, or the time since the last one came where that is longer,
 * so that the end of a burst ends the wait. Where an instance stays idle beside this one, or others wait,
 * there is nothing to wait for.
 */
function hold<E extends Waiting>(
  { now, line, opening, arrivals, maxQueueDelayMs }: Situation<E>,
  { entries }: Company<E>,
  durationOf: Duration,
): Decision<E> | undefined {
  const [head] = entries;
  if (maxQueueDelayMs <= 0 || head === undefined) return undefined;
  const release = (reason: ReleaseReason): Decision<E> => ({ kind: 'release', entries, reason });
  const pace = arrivals.paceOf(head.bucket);
  const items = itemsOf(entries);
  const cost = Math.max(dearestOf(entries), pace?.cost ?? 0);
  const alone = durationOf(items, dearestOf(entries));
  const joined = durationOf(items + 1, cost);
  const next = durationOf(1, pace?.cost ?? 0);
  if (pace === undefined || alone === undefined || joined === undefined || next === undefined) {
    return release('not-worth-waiting');
  }
  if (opening.idleRuns > 1 || line.size > entries.length) return release('not-worth-waiting');
  if (items + 1 > opening.limits.maxBatchItems || (items + 1) * cost > opening.limits.maxBatchCost) {
    return release('full');
  }
  const oldest = entries.reduce((least, { enteredAt }) => Math.min(least, enteredAt), now);
  const delayOver = oldest + maxQueueDelayMs;
  if (now >= delayOver) return release('delay-over');
  const deadline = entries.reduce(
    (least, entry) => Math.min(least, entry.deadline, entry.expiresAt),
    Infinity,
  );
  const latestStart = deadline - joined;
  if (now >= latestStart) return release('deadline');
  const longestGap = (DECAY * (alone + next - joined) - items * (joined - alone)) / (items + 1);
  const worthUntil = pace.lastAt + longestGap;
  if (pace.gapMs > longestGap || now >= worthUntil) return release('not-worth-waiting');
  return { kind: 'hold', until: Math.min(delayOver, latestStart, worthUntil) };
}
