import type { Box } from './square.js';

export interface Candidate extends Box {
  /** Of the detector, that this is a face. */
  readonly confidence: number;
}

interface Choice {
  readonly minConfidence: number;
  /** Boxes that share more of their union are one face. */
  readonly maxOverlap: number;
  readonly most: number;
}

/**
 * The surest boxes that do not overlap, in the detector's shares of its square. `boxes` holds top, left, bottom
 * and right of each, `scores` its confidence.
 */
export function chooseCandidates(
  boxes: Float32Array,
  scores: Float32Array,
  { minConfidence, maxOverlap, most }: Choice,
): Candidate[] {
  const surest = [...scores.keys()]
    .filter((index) => (scores[index] ?? 0) >= minConfidence)
    .sort((one, other) => (scores[other] ?? 0) - (scores[one] ?? 0));
  const chosen: Candidate[] = [];
  for (const index of surest) {
    if (chosen.length === most) break;
    const [top = 0, left = 0, bottom = 0, right = 0] = boxes.subarray(index * 4, index * 4 + 4);
    const candidate = { left, top, right, bottom, confidence: scores[index] ?? 0 };
    if (chosen.every((other) => overlap(candidate, other) <= maxOverlap)) chosen.push(candidate);
  }
  return chosen;
}

/** Share of the union of two boxes that is in both. */
function overlap(one: Box, other: Box): number {
  const width = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  const height = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
  if (width <= 0 || height <= 0) return 0;
  const common = width * height;
  return common / (areaOf(one) + areaOf(other) - common);
}

export function areaOf({ left, top, right, bottom }: Box): number {
  return Math.max(0, right - left) * Math.max(0, bottom - top);
}
