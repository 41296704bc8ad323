/** How much the keys and values of a model's sequences may take, and what follows from it. */
export interface CachePlan {
  /** Tokens of prompt and answer together that one sequence may have. */
  readonly contextWindow: number;
  /** Positions of all live sequences together; each counts the place that it may fill, {@link placeSize}. */
  readonly livePositions: number;
  /** Of earlier prompts and answers that are kept for those that begin alike. */
  readonly prefixPositions: number;
}

export interface CacheBudget {
  /** For all keys and values. */
  readonly bytes: number;
  readonly bytesPerPosition: number;
  /** That the model was made for. */
  readonly positions: number;
  /** Whether a step writes into the cache that it reads; otherwise both are there at the same time. */
  readonly inPlace: boolean;
}

/** Longer windows are cut: what one sequence may take, all others lack. */
const LONGEST_WINDOW = 8_192;
const PREFIX_SHARE = 0.25;
const SMALLEST_PLACE = 256;

/** Divides the memory. A window that does not fit is cut; it is 0 when not even one position fits. */
export function planCache({ bytes, bytesPerPosition, positions, inPlace }: CacheBudget): CachePlan {
  const all = Math.floor(bytes / bytesPerPosition);
  const prefixPositions = Math.floor(all * PREFIX_SHARE);
  const livePositions = Math.floor((all - prefixPositions) / (inPlace ? 1 : 2));
  return {
    contextWindow: Math.min(positions, LONGEST_WINDOW, livePositions),
    livePositions,
    prefixPositions,
  };
}

/**
 * Positions that are set aside for a sequence that may grow to `length`: 256, 384, 512, 768, 1024 and so on, at
 * most the window. Few sizes, so that sequences of about the same length share their steps; less than half of a
 * place stays empty, beyond the smallest.
 */
export function placeSize(length: number, contextWindow: number): number {
  let power = SMALLEST_PLACE;
  while (power * 2 < length) power *= 2;
  const size = [power, power * 1.5, power * 2].find((places) => places >= length) ?? contextWindow;
  return Math.min(size, contextWindow);
}
