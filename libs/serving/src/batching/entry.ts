import type { Placement } from '../model/model.js';
import type { ReleaseReason } from './release.js';

export type Priority = 'interactive' | 'batch';

/** Where the time of one piece of work went, and in what company it ran. Durations in milliseconds. */
export interface WorkExecution {
  readonly queueMs: number;
  readonly computeMs: number;
  /** Items that shared the run, of all requests. */
  readonly batchSize: number;
  /** In the model's unit, padding included. */
  readonly batchCost: number;
  /** Pieces of work that shared the run, this one included. */
  readonly batchMates: number;
  readonly releaseReason: ReleaseReason;
  readonly instance: string;
  readonly placement: Placement;
}

export interface Completed<Output> {
  readonly output: Output;
  readonly execution: WorkExecution;
}

/** What the line must know of a piece of work to put it into order and company. Times on the batcher's clock. */
export interface Waiting {
  readonly items: number;
  /** Of one item. */
  readonly cost: number;
  readonly bucket: string;
  /** 1 goes first. */
  readonly level: number;
  readonly tenant: string;
  /** When the whole request came: a later step of old work keeps the old work's place. */
  readonly arrivedAt: number;
  readonly sequence: number;
  readonly enteredAt: number;
  /** The moment after which it may not begin. */
  readonly expiresAt: number;
  /** The moment at which its answer is of no use any more. */
  readonly deadline: number;
  /** Runs without company, because a batch that it was in ended its worker. */
  readonly alone: boolean;
}

/** One piece of work that waits for, or is in, a batch. */
export interface Entry<Input, Output> extends Waiting {
  readonly input: Input;
  alone: boolean;
  expiresAt: number;
  losses: number;
  /** Names of instances that failed it. */
  readonly failedOn: Set<string>;
  /** Nobody waits for the answer any more. */
  settled: boolean;
  readonly resolve: (completed: Completed<Output>) => void;
  readonly reject: (error: unknown) => void;
}

/** Sum of what the members cost alone. */
export function ownCost(entries: readonly Pick<Waiting, 'cost' | 'items'>[]): number {
  return entries.reduce((sum, { cost, items }) => sum + cost * items, 0);
}

export function itemsOf(entries: readonly Pick<Waiting, 'items'>[]): number {
  return entries.reduce((sum, { items }) => sum + items, 0);
}

export function dearestOf(entries: readonly Pick<Waiting, 'cost'>[]): number {
  return entries.reduce((dearest, { cost }) => Math.max(dearest, cost), 0);
}
