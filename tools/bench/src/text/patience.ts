import type { Random } from '@trivium/onnx/synthesis';

export interface Reader {
  /** Milliseconds from the beginning of the trace. */
  readonly arrivesMs: number;
  /** Milliseconds that this reader waits for words before leaving. */
  readonly patienceMs: number;
}

export interface Crowd {
  readonly readers: number;
  readonly meanGapMs: number;
  readonly medianPatienceMs: number;
  /** Deviation of the patience's logarithm. */
  readonly spread: number;
}

/** Readers who come at random (exponential gaps) with a lognormal patience; the same ones for the same seed. */
export function readersOf({ readers, meanGapMs, medianPatienceMs, spread }: Crowd, random: Random): Reader[] {
  let arrivesMs = 0;
  return Array.from({ length: readers }, () => {
    arrivesMs += -Math.log(1 - random.uniform()) * meanGapMs;
    return { arrivesMs, patienceMs: medianPatienceMs * Math.exp(spread * random.normal()) };
  });
}

/** Milliseconds that a reader waited: until enough was shown, or until leaving. */
export function waited(shownMs: number | undefined, patienceMs: number): number {
  return shownMs === undefined ? patienceMs : Math.min(shownMs, patienceMs);
}
