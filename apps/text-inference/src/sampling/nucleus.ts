/** Buckets by the distance to the greatest logit, in steps of 1/8 nat; the last takes all beyond 32 nats. */
const BUCKETS = 257;
const PER_NAT = 8;

/**
 * Ids of the smallest set of most probable tokens that together have the share `topP` of the
 * probability (Holtzman et al. 2019), at least one; the lower id wins a tie. In no order.
 *
 * A histogram of the probability over the logits tells in which bucket the share is reached; only that
 * bucket is sorted, so the time is linear in the vocabulary unless one bucket holds most of it.
 *
 * @param peak The greatest logit.
 */
export function nucleus(logits: Float32Array, peak: number, temperature: number, topP: number): Int32Array {
  const masses = new Float64Array(BUCKETS);
  let total = 0;
  for (const logit of logits) {
    const weight = Math.exp((logit - peak) / temperature);
    if (!(weight > 0)) continue;
    const bucket = bucketOf(logit, peak, temperature);
    masses[bucket] = (masses[bucket] ?? 0) + weight;
    total += weight;
  }
  const goal = topP * total;
  let last = 0;
  let before = 0;
  while (last < BUCKETS - 1 && before + (masses[last] ?? 0) < goal) {
    before += masses[last] ?? 0;
    last += 1;
  }
  const ids: number[] = [];
  const border: number[] = [];
  for (let id = 0; id < logits.length; id += 1) {
    const logit = logits[id] ?? -Infinity;
    if (!(logit > -Infinity)) continue;
    const bucket = bucketOf(logit, peak, temperature);
    if (bucket < last) ids.push(id);
    else if (bucket === last) border.push(id);
  }
  border.sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || a - b);
  for (const id of border) {
    if (ids.length > 0 && before >= goal) break;
    ids.push(id);
    before += Math.exp(((logits[id] ?? -Infinity) - peak) / temperature);
  }
  return Int32Array.from(ids);
}

/** Sum of what each token weighs beside the most probable one, which weighs 1. */
export function weightOfAll(logits: Float32Array, peak: number, temperature: number): number {
  let total = 0;
  for (const logit of logits) {
    const weight = Math.exp((logit - peak) / temperature);
    if (weight > 0) total += weight;
  }
  return total;
}

function bucketOf(logit: number, peak: number, temperature: number): number {
  return Math.min(BUCKETS - 1, Math.floor(((peak - logit) / temperature) * PER_NAT));
}
