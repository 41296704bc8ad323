import { DomainError, type ParsedRequestOf, type ReplyOf } from '@trivium/contracts';
import type { embed } from '@trivium/contracts/text-inference';
import type { Caller } from '@trivium/inference';
import { textsEncoded } from '../events.js';
import type { Encoded, Encoder } from './encoder.js';
import type { EncoderModels } from './encoder-models.js';
import { executionOf } from './execution.js';
import { inParallel, inTurns } from './in-parallel.js';
import type { Sequence } from './sequence-tokenizer.js';
import { writeUnit } from './vectors.js';

/** Texts of one request that are in the model's queue at one time; requests of others find room beside them. */
export const MOST_AT_ONCE = 32;

type Request = ParsedRequestOf<typeof embed>;

/** Texts or token ids to vectors of length 1. */
export class EmbedTexts {
  constructor(private readonly models: EncoderModels) {}

  async execute(request: Request, caller: Caller): Promise<ReplyOf<typeof embed>> {
    const startedAt = performance.now();
    const encoder = await this.models.find(request.model, 'embed', caller.signal);
    const { dimensions = encoder.width } = request;
    if (dimensions > encoder.width) {
      throw new DomainError('invalid_request', `${encoder.id} has vectors of ${encoder.width} values.`, {
        param: 'dimensions',
      });
    }
    const sequences = await this.#read(encoder, request);
    const encoded = await inParallel(sequences, MOST_AT_ONCE, (sequence) => encoder.encode(sequence, caller));
    const inputTokens = tokensOf(sequences);
    const durationMs = performance.now() - startedAt;
    textsEncoded({ operation: 'embeddings', model: encoder.id, durationMs, inputTokens });
    return {
      model: encoder.id,
      dimensions,
      vectors: joined(encoded, dimensions),
      inputTokens,
      execution: executionOf(
        encoder.id,
        encoded.map(({ explain }) => explain),
      ),
    };
  }

  /** All of them before the first one runs: a fault in the last costs nobody work. */
  #read(encoder: Encoder, { inputs, purpose, truncate }: Request): Promise<Sequence[]> {
    return inTurns(inputs, (input, index) => {
      const param = `inputs[${index}]`;
      if (typeof input === 'string') return encoder.text(input, purpose, truncate, param);
      return encoder.tokens(input, truncate, param);
    });
  }
}

export function tokensOf(sequences: readonly Sequence[]): number {
  return sequences.reduce((sum, { ids }) => sum + ids.length, 0);
}

function joined(encoded: readonly Encoded[], dimensions: number): Uint8Array {
  const vectors = new Float32Array(encoded.length * dimensions);
  encoded.forEach(({ values }, index) => {
    writeUnit(values, vectors.subarray(index * dimensions, (index + 1) * dimensions));
  });
  return new Uint8Array(vectors.buffer);
}
