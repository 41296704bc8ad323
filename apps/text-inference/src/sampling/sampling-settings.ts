import { randomInt } from 'node:crypto';
import { DomainError } from '@trivium/contracts';
import type { Sampling } from '@trivium/contracts/generate';

export interface SamplingSettings {
  /** 0: always the most probable token. */
  temperature: number;
  topP: number;
  /** 0: all. */
  topK: number;
  minP: number;
  /** Over prompt and output; 1: off. */
  repetitionPenalty: number;
  /** Over the output only, as `frequencyPenalty`; 0: off. */
  presencePenalty: number;
  frequencyPenalty: number;
  /** Token id and what is added to its logit. */
  logitBias: readonly (readonly [number, number])[];
  /** Unsigned 32 bits. */
  seed: number;
  /** Undefined: no logprobs, not even of the drawn token. */
  topLogprobs: number | undefined;
}

/**
 * What the caller asked, completed by the model's defaults; without a seed a random one. Of a seed the
 * lower 32 bits count. Throws `invalid_request` where a key of `logitBias` is no token id.
 */
export function samplingSettings(
  sampling: Sampling,
  defaults: { temperature: number; topP: number; topK: number },
): SamplingSettings {
  return {
    temperature: sampling.temperature ?? defaults.temperature,
    topP: sampling.topP ?? defaults.topP,
    topK: sampling.topK ?? defaults.topK,
    minP: sampling.minP ?? 0,
    repetitionPenalty: sampling.repetitionPenalty ?? 1,
    presencePenalty: sampling.presencePenalty ?? 0,
    frequencyPenalty: sampling.frequencyPenalty ?? 0,
    logitBias: Object.entries(sampling.logitBias ?? {}).map(([key, bias]) => [tokenId(key), bias] as const),
    seed: sampling.seed === undefined ? randomInt(2 ** 32) : sampling.seed >>> 0,
    topLogprobs: sampling.topLogprobs,
  };
}

function tokenId(key: string): number {
  if (/^\d{1,9}$/.test(key)) return Number(key);
  throw new DomainError('invalid_request', 'The keys of the logit bias must be token ids', {
    param: 'sampling.logitBias',
  });
}
