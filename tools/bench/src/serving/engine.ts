import type { Policy } from './protocol.js';

/** What a contender's process measures: one model that is open. */
export interface Engine {
  /** One request; answers how many shared its run. */
  send(tokens: number, policy: Policy): Promise<number>;
  /** Milliseconds of a run of so many items of this length while every core is at work: the quickest of one on each. */
  time?(items: number, tokens: number): Promise<number>;
}
