import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import type { classify } from '@trivium/contracts/text-inference';
import type { Caller } from '@trivium/inference';
import { textsEncoded } from '../events.js';
import { MOST_AT_ONCE } from './embed-texts.js';
import type { Encoder } from './encoder.js';
import type { EncoderModels } from './encoder-models.js';
import { ExampleVectors } from './example-vectors.js';
import { inParallel, unlessAborted } from './in-parallel.js';
import type { Sequence } from './sequence-tokenizer.js';
import { cosine, writeUnit } from './vectors.js';

type Request = ParsedRequestOf<typeof classify>;
type Score = ReplyOf<typeof classify>['scores'][number];

/** The label whose nearest example is most like the text. */
export class ClassifyText {
  readonly #examples = new ExampleVectors();

  constructor(private readonly models: EncoderModels) {}

  async execute({ model, text, labels }: Request, caller: Caller): Promise<ReplyOf<typeof classify>> {
    const startedAt = performance.now();
    const encoder = await this.models.find(model, 'embed', caller.signal);
    const sequence = encoder.text(text, undefined, true, 'text');
    const [asked, ...known] = await Promise.all([
      this.#embed(encoder, sequence, caller),
      ...labels.map((label, index) => this.#vectors(encoder, label.examples, index, caller)),
    ]);
    const scores = labels.map(({ label, examples }, index) =>
      nearest(label, examples, known[index] ?? [], asked),
    );
    textsEncoded({
      operation: 'classify',
      model: encoder.id,
      durationMs: performance.now() - startedAt,
      inputTokens: sequence.ids.length,
    });
    return { model: encoder.id, scores: scores.sort((one, other) => other.score - one.score) };
  }

  async #embed(encoder: Encoder, sequence: Sequence, caller: Caller): Promise<Float32Array> {
    const { values } = await encoder.encode(sequence, caller);
    const vector = new Float32Array(values.length);
    writeUnit(values, vector);
    return vector;
  }

  /** A caller who cannot wait leaves; the vectors are there for the next one. */
  #vectors(
    encoder: Encoder,
    examples: readonly string[],
    label: number,
    caller: Caller,
  ): Promise<Float32Array[]> {
    const all = inParallel(examples, MOST_AT_ONCE, (example, index) =>
      this.#examples.vector(encoder, example, caller, `labels[${label}].examples[${index}]`),
    );
    return unlessAborted(all, caller.signal);
  }
}

function nearest(
  label: string,
  examples: readonly string[],
  vectors: readonly Float32Array[],
  asked: Float32Array,
): Score {
  let best = { score: Number.NEGATIVE_INFINITY, example: '' };
  vectors.forEach((vector, index) => {
    const score = cosine(asked, vector);
    if (score > best.score) best = { score, example: examples[index] ?? '' };
  });
  return { label, ...best };
}
