import { DomainError } from '@trivium/contracts';
import type { InferExplanation } from '@trivium/contracts/inference';
import type { Variant } from '@trivium/contracts/model-manifest';
import type { Tensor } from '@trivium/contracts/tensor';
import type { Caller, TensorAnswer, TensorRequest } from '@trivium/inference';
import type { EncoderSettings, Purpose } from './encoder-settings.js';
import type { EncoderInput, EncoderShape } from './encoder-shape.js';
import type { Sequence, SequenceTokenizer } from './sequence-tokenizer.js';
import { floatsOf } from './vectors.js';

/** The part of the engine that encoders run on. */
export interface TensorEngine {
  infer(request: TensorRequest, caller: Caller): Promise<TensorAnswer>;
}

export interface EncoderOptions {
  readonly model: string;
  readonly version: string;
  readonly variant: Variant | undefined;
  /** SHA-256 of all files of the version: vectors of two digests are not comparable. */
  readonly digest: string;
  readonly tokenizer: SequenceTokenizer;
  readonly settings: EncoderSettings;
  readonly shape: EncoderShape;
}

/** What the model made of one sequence, of `shape.width` values. */
export interface Encoded {
  readonly values: Float32Array;
  readonly explain: InferExplanation;
}

/**
 * One version of one encoder: texts to sequences, sequences to values. Each sequence is an item of its own in
 * the model's queue, so that sequences of all requests share batches by their number of tokens.
 */
export class Encoder {
  constructor(
    private readonly options: EncoderOptions,
    private readonly engine: TensorEngine,
  ) {}

  /** As it is asked for: `model`, or `model@variant`. */
  get id(): string {
    const { model, variant } = this.options;
    return variant === undefined ? model : `${model}@${variant}`;
  }

  get digest(): string {
    return `${this.options.digest} ${this.options.variant ?? ''}`;
  }

  /** Length of a vector, or the number of classes. */
  get width(): number {
    return this.options.shape.width;
  }

  get maxTokens(): number {
    return this.options.settings.maxTokens;
  }

  /** Throws `context_length_exceeded` that names `param`, unless the text may be cut. */
  text(text: string, purpose: Purpose | undefined, truncate: boolean, param: string): Sequence {
    const prompt = this.options.settings.prompts[purpose ?? 'none'];
    const sequence = this.options.tokenizer.one(prompt === '' ? text : prompt + text, truncate);
    return this.#within(sequence, param);
  }

  pair(first: string, second: string, truncate: boolean, param: string): Sequence {
    return this.#within(this.options.tokenizer.pair(first, second, truncate), param);
  }

  /** Token ids as the caller has them, without anything put around them. */
  tokens(ids: readonly number[], truncate: boolean, param: string): Sequence {
    const { vocabulary = this.options.tokenizer.vocabulary } = this.options.settings;
    const wrong = ids.findIndex((id) => id >= vocabulary);
    if (wrong !== -1) {
      throw new DomainError(
        'invalid_request',
        `${this.id} has the token ids 0 to ${vocabulary - 1}; this one is ${ids[wrong]}.`,
        { param: `${param}[${wrong}]` },
      );
    }
    const fits = ids.length <= this.maxTokens;
    return this.#within(fits || truncate ? { ids: ids.slice(0, this.maxTokens) } : undefined, param);
  }

  async encode(sequence: Sequence, caller: Caller): Promise<Encoded> {
    const { model, version, variant, shape, settings } = this.options;
    const mask = shape.inputs.find(({ role }) => role === 'mask')?.name ?? '';
    const { outputs, explain } = await this.engine.infer(
      {
        model,
        version,
        variant,
        inputs: shape.inputs.map((input) => tensorOf(input, sequence)),
        outputs: [shape.output],
        ...(shape.perToken ? { pooling: { output: shape.output, mask, mode: settings.pooling } } : {}),
        cache: 'use',
      },
      caller,
    );
    const [output] = outputs;
    if (output?.datatype !== 'FP32' || output.data.byteLength !== shape.width * 4) {
      throw new DomainError(
        'model_not_available',
        `${this.id} answered ${output?.datatype} [${output?.shape.join(', ')}] for one text; expected are ${shape.width} values of FP32`,
        { param: 'model' },
      );
    }
    return { values: floatsOf(output.data), explain };
  }

  #within(sequence: Sequence | undefined, param: string): Sequence {
    if (sequence === undefined) {
      throw new DomainError(
        'context_length_exceeded',
        `This has more tokens than ${this.id} takes, which are ${this.maxTokens}. Shorten it, or send truncate: true.`,
        { param, details: { maxTokens: this.maxTokens } },
      );
    }
    if (sequence.ids.length > 0) return sequence;
    throw new DomainError('invalid_request', 'There is no token in it.', { param });
  }
}

/** One item: [1, tokens]. */
function tensorOf({ name, datatype, role }: EncoderInput, { ids, types }: Sequence): Tensor {
  const values = ids.map((id, index) => {
    if (role === 'ids') return id;
    if (role === 'positions') return index;
    return role === 'mask' ? 1 : (types?.[index] ?? 0);
  });
  // Every value is far below 2^31, so of a little-endian INT64 only the lower half is written.
  const words = new Int32Array(datatype === 'INT64' ? values.length * 2 : values.length);
  const step = datatype === 'INT64' ? 2 : 1;
  for (let index = 0; index < values.length; index += 1) words[index * step] = values[index] ?? 0;
  return { name, datatype, shape: [1, values.length], data: new Uint8Array(words.buffer) };
}
