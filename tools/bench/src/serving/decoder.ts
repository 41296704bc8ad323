import type { SequenceLimits, SequenceModelV1, SequenceTurn, StepOutput } from '@trivium/serving';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { DecoderShape } from './plan.js';

/** A sequence: how many tokens it writes. */
export interface Writing {
  readonly tokens: number;
}

interface Past {
  readonly ids: readonly number[];
  readonly key: Tensor;
  readonly value: Tensor;
}

/**
 * Greedy writing, one token a step. The model takes one length of past for the whole batch, so the
 * sequences must begin together; that is all a measurement of steps needs.
 */
export class DecoderModel implements SequenceModelV1<Writing, number> {
  readonly specification = 'sequence-model/v1';
  readonly modelId = 'decoder';
  readonly placement = 'cpu';
  readonly limits: SequenceLimits = { maxSequences: 16, maxCost: 1_000_000, costUnit: 'tokens' };
  #past: Past | undefined;
  readonly #latest = new Map<number, number>();

  private constructor(
    readonly variant: string,
    private readonly shape: DecoderShape,
    private readonly session: InferenceSession,
  ) {}

  static async open(path: string, variant: string, shape: DecoderShape): Promise<DecoderModel> {
    const options = { intraOpNumThreads: 1, interOpNumThreads: 1 };
    return new DecoderModel(variant, shape, await InferenceSession.create(path, options));
  }

  costOf({ tokens }: Writing): number {
    return tokens;
  }

  async doStep(turns: readonly SequenceTurn<Writing>[]): Promise<readonly StepOutput<number>[]> {
    const ids = turns.map(({ id }) => id);
    const past = this.#pastOf(turns);
    const tokens = BigInt64Array.from(ids, (id) => BigInt(this.#latest.get(id) ?? 0));
    const outputs = await this.session.run({
      token: new Tensor('int64', tokens, [ids.length, 1]),
      past_key: past.key,
      past_value: past.value,
    });
    const { logits, present_key: key, present_value: value } = outputs;
    if (logits === undefined || key === undefined || value === undefined)
      throw new Error('An output is missing');
    this.#past = { ids, key, value };
    const scores = logits.data as Float32Array;
    return turns.map(({ id, input, step }, row) => {
      const next = bestOf(scores, row * this.shape.vocabulary, this.shape.vocabulary);
      this.#latest.set(id, next);
      return { kind: step + 1 < input.tokens ? 'running' : 'done', pieces: [next] };
    });
  }

  release(id: number): void {
    this.#latest.delete(id);
    if (this.#latest.size === 0) this.#past = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session.release();
  }

  #pastOf(turns: readonly SequenceTurn<Writing>[]): Past {
    const ids = turns.map(({ id }) => id);
    if (this.#past === undefined) {
      const none = new Tensor('float32', new Float32Array(), [
        ids.length,
        this.shape.heads,
        0,
        this.shape.width,
      ]);
      return { ids, key: none, value: none };
    }
    if (String(this.#past.ids) !== String(ids)) throw new Error('The sequences did not begin together');
    return this.#past;
  }
}

function bestOf(scores: Float32Array, from: number, count: number): number {
  let best = from;
  let most = Number.NEGATIVE_INFINITY;
  for (let index = from; index < from + count; index += 1) {
    const score = scores[index] ?? 0;
    if (score <= most) continue;
    most = score;
    best = index;
  }
  return best - from;
}
