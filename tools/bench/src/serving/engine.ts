import type { Policy } from './protocol.js';

/** What a contender's process measures: one model that is open. */
export interface Engine {
  /** One request; answers how many shared its run. */
  send(tokens: number, policy: Policy): Promise<number>;
  /**
   * Milliseconds of a run of so many items of this length while every core is at work. Time on the
   * processor where the system tells it: others who want the processor as well have no part in it.
   */
  time?(items: number, tokens: number): Promise<number>;
}
