import { DomainError } from '@trivium/contracts';
import { nucleus, weightOfAll } from './nucleus.js';
import { Random } from './random.js';
import type { SamplingSettings } from './sampling-settings.js';
import { topTokens } from './top-tokens.js';

export { samplingSettings, type SamplingSettings } from './sampling-settings.js';

export interface SampledToken {
  id: number;
  /** Natural logarithm of its probability by the model alone, before penalties, bias, mask and truncation. */
  logprob?: number;
  /** The most probable tokens by the same measure, most probable first. */
  top?: readonly { id: number; logprob: number }[];
}

/**
 * Draws the tokens of one sequence. In order: repetition penalty (Keskar et al. 2019, CTRL, as in
 * Hugging Face Transformers), presence and frequency penalty (as the OpenAI API defines them), bias,
 * mask, temperature, top-k, top-p of what top-k left (Holtzman et al. 2019), min-p (Nguyen et al. 2024).
 *
 * Nothing sorts the vocabulary: top-k keeps a heap of k, top-p without top-k sorts one bucket of a
 * histogram. Greedy without extras is one pass.
 */
export class Sampler {
  readonly #settings: SamplingSettings;
  readonly #random: Random;
  /** Prompt and output, while a repetition penalty asks. */
  readonly #seen: Set<number>;
  /** How often each token came in the output, while a penalty asks. */
  readonly #counts = new Map<number, number>();
  /** Room for one row, kept from call to call. */
  #weights = new Float64Array();

  constructor(settings: SamplingSettings, promptTokens: readonly number[]) {
    this.#settings = settings;
    this.#random = new Random(settings.seed);
    this.#seen = new Set(settings.repetitionPenalty === 1 ? [] : promptTokens);
  }

  /**
   * @param logits One row, one per token id; changed in place.
   * @param allowed Bit `id & 31` of word `id >>> 5` set: the token may come. Absent: all may.
   * @returns The token drawn, which later calls count for the penalties.
   * @throws `invalid_request` where the bias names a token that the vocabulary lacks, `internal` where no token may come.
   */
  sample(logits: Float32Array, allowed?: Int32Array): SampledToken {
    const { topLogprobs, temperature } = this.#settings;
    const raw = topLogprobs === undefined ? undefined : logits.slice();
    this.#penalize(logits);
    this.#addBias(logits);
    if (allowed !== undefined) mask(logits, allowed);
    const best = greatest(logits);
    const id = temperature === 0 ? best : this.#draw(logits, best);
    this.#note(id);
    return raw === undefined ? { id } : { id, ...logprobs(raw, id, topLogprobs ?? 0) };
  }

  #penalize(logits: Float32Array): void {
    const { repetitionPenalty, presencePenalty, frequencyPenalty } = this.#settings;
    for (const id of this.#seen) {
      const logit = logits[id];
      if (logit !== undefined) logits[id] = logit > 0 ? logit / repetitionPenalty : logit * repetitionPenalty;
    }
    for (const [id, count] of this.#counts) {
      const logit = logits[id];
      if (logit !== undefined) logits[id] = logit - presencePenalty - frequencyPenalty * count;
    }
  }

  #addBias(logits: Float32Array): void {
    for (const [id, bias] of this.#settings.logitBias) {
      const logit = logits[id];
      if (logit === undefined) {
        const message = `The logit bias names token ${String(id)}; the model has ${String(logits.length)} tokens`;
        throw new DomainError('invalid_request', message, { param: 'sampling.logitBias' });
      }
      logits[id] = logit + bias;
    }
  }

  #note(id: number): void {
    const { repetitionPenalty, presencePenalty, frequencyPenalty } = this.#settings;
    if (repetitionPenalty !== 1) this.#seen.add(id);
    if (presencePenalty !== 0 || frequencyPenalty !== 0)
      this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1);
  }

  #draw(logits: Float32Array, best: number): number {
    const { temperature, topK, topP, minP } = this.#settings;
    const peak = logits[best] ?? 0;
    if (topK === 0 && topP >= 1) return this.#drawFromAll(logits, best);
    const ids = topK === 0 ? nucleus(logits, peak, temperature, topP) : topTokens(logits, topK);
    const weights = weigh(ids, logits, peak, temperature);
    // What `nucleus` gives is cut already; of what top-k left, the first tokens are.
    const goal = topK === 0 || topP >= 1 ? Infinity : topP * sum(weights);
    let kept = 0;
    let mass = 0;
    for (let index = 0; index < ids.length; index += 1) {
      const weight = weights[index] ?? 0;
      // The greatest weight is 1, so one token at least is kept.
      if (weight < minP) continue;
      if (kept > 0 && mass >= goal) break;
      ids[kept] = ids[index] ?? best;
      weights[kept] = weight;
      mass += weight;
      kept += 1;
    }
    let left = this.#random.uniform() * mass;
    for (let index = 0; index < kept; index += 1) {
      left -= weights[index] ?? 0;
      if (left < 0) return ids[index] ?? best;
    }
    return best;
  }

  #drawFromAll(logits: Float32Array, best: number): number {
    const { temperature, minP } = this.#settings;
    const peak = logits[best] ?? 0;
    if (this.#weights.length !== logits.length) this.#weights = new Float64Array(logits.length);
    const weights = this.#weights;
    let mass = 0;
    for (let id = 0; id < logits.length; id += 1) {
      const weight = Math.exp(((logits[id] ?? -Infinity) - peak) / temperature);
      const kept = weight >= minP ? weight : 0;
      weights[id] = kept;
      mass += kept;
    }
    let left = this.#random.uniform() * mass;
    for (let id = 0; id < weights.length; id += 1) {
      left -= weights[id] ?? 0;
      if (left < 0) return id;
    }
    return best;
  }
}

function mask(logits: Float32Array, allowed: Int32Array): void {
  for (let start = 0; start < logits.length; start += 32) {
    const word = allowed[start >>> 5] ?? 0;
    if (word === -1) continue;
    if (word === 0) {
      logits.fill(-Infinity, start, start + 32);
      continue;
    }
    const end = Math.min(start + 32, logits.length);
    for (let id = start; id < end; id += 1) if (((word >>> (id & 31)) & 1) === 0) logits[id] = -Infinity;
  }
}

function greatest(logits: Float32Array): number {
  let best = -1;
  let peak = -Infinity;
  for (let id = 0; id < logits.length; id += 1) {
    const logit = logits[id] ?? -Infinity;
    if (logit > peak) {
      peak = logit;
      best = id;
    }
  }
  if (best < 0 || peak === Infinity)
    throw new DomainError('internal', 'The model leaves no token that may come next');
  return best;
}

function weigh(ids: Int32Array, logits: Float32Array, peak: number, temperature: number): Float64Array {
  return Float64Array.from(ids, (id) => Math.exp(((logits[id] ?? -Infinity) - peak) / temperature));
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function logprobs(
  raw: Float32Array,
  id: number,
  count: number,
): Pick<Required<SampledToken>, 'logprob' | 'top'> {
  const peak = raw[greatest(raw)] ?? 0;
  const norm = peak + Math.log(weightOfAll(raw, peak, 1));
  const logprob = (token: number) => (raw[token] ?? -Infinity) - norm;
  return {
    logprob: logprob(id),
    top:
      count === 0 ? [] : [...topTokens(raw, count)].map((token) => ({ id: token, logprob: logprob(token) })),
  };
}
