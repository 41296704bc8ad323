/** One request of a trace: when it comes and how long its input is. */
export interface TracedRequest {
  readonly atMs: number;
  /** In the unit of cost, such as tokens. */
  readonly length: number;
}

/** Requests in the order in which they come. */
export type Trace = readonly TracedRequest[];

/** A generator of numbers in [0, 1) that gives the same ones for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface LengthOptions {
  readonly mean: number;
  /** Longer ones are cut, as a tokenizer does. */
  readonly max: number;
  /** Spread of the logarithm; 0: all of the mean. */
  readonly sigma: number;
}

/** Lengths with a long tail: lognormal. */
export function lognormalLengths(count: number, { mean, max, sigma }: LengthOptions, seed: number): number[] {
  const random = seeded(seed);
  const mu = Math.log(mean) - sigma ** 2 / 2;
  return Array.from({ length: count }, () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.min(Math.max(Math.round(Math.exp(mu + sigma * normal)), 1), max);
  });
}

/** Independent arrivals, so many a second on average. */
export function poissonArrivals(lengths: readonly number[], perSecond: number, seed: number): Trace {
  const random = seeded(seed);
  let atMs = 0;
  return lengths.map((length) => {
    atMs += (-Math.log(1 - random()) * 1_000) / perSecond;
    return { atMs, length };
  });
}

/** Bursts of so many at once, the same number a second on average. */
export function burstArrivals(lengths: readonly number[], perSecond: number, burst: number): Trace {
  return lengths.map((length, index) => ({
    atMs: (Math.floor(index / burst) * burst * 1_000) / perSecond,
    length,
  }));
}

/** All at once: what a policy can do at most. */
export function backlog(lengths: readonly number[]): Trace {
  return lengths.map((length) => ({ atMs: 0, length }));
}
