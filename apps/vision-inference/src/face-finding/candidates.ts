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
 * The surest boxes that do not overlap. `boxes` holds top, left, bottom and right of each, `scores` its
 * confidence.
 */
export function chooseCandidates(boxes: Float32Array, scores: Float32Array, choice: Choice): Candidate[] {
  const sure: Candidate[] = [];
  for (const [index, confidence] of scores.entries()) {
    if (confidence < choice.minConfidence) continue;
    const [top = 0, left = 0, bottom = 0, right = 0] = boxes.subarray(index * 4, index * 4 + 4);
    sure.push({ left, top, right, bottom, confidence });
  }
  return withoutOverlap(sure, choice);
}

/** The surest first, none that overlaps with a surer one. */
export function withoutOverlap(
  candidates: readonly Candidate[],
  { maxOverlap, most }: Pick<Choice, 'maxOverlap' | 'most'>,
): Candidate[] {
  const chosen: Candidate[] = [];
  for (const candidate of candidates.toSorted((one, other) => other.confidence - one.confidence)) {
    if (chosen.length === most) break;
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
