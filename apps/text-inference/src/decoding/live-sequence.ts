import type { ConstraintCompiler, TokenConstraint } from '../structure/token-constraint.js';
import { Sampler, type SampledToken } from '../sampling/sampler.js';
import type { TokenVocabulary } from '../prompting/token-vocabulary.js';
import type { SequenceStart, StepPiece } from './decoder-task.js';
import { StopStrings } from './stop-strings.js';
import { IncrementalDetokenizer } from './text-decoder.js';

export interface SequenceParts {
  readonly vocabulary: TokenVocabulary;
  readonly ends: ReadonlySet<number>;
  readonly compiler: () => Promise<ConstraintCompiler>;
}

/** One sequence between its steps: what it has still to take in, and what becomes of the logits. */
export class LiveSequence {
  /** Of the prompt: taken in so far. */
  taken = 0;
  /** Of the prompt: taken over from an earlier one. */
  reused = 0;
  /** Drawn, and not taken in yet. */
  next: number | undefined;
  readonly tokens: number[];
  readonly #sampler: Sampler;
  readonly #detokenizer: IncrementalDetokenizer;
  readonly #stops: StopStrings;
  #constraint: TokenConstraint | undefined;
  #drawn = 0;

  private constructor(
    readonly start: SequenceStart,
    private readonly parts: SequenceParts,
    constraint: TokenConstraint | undefined,
  ) {
    this.tokens = [...start.prompt];
    this.#sampler = new Sampler(start.settings, start.prompt);
    this.#detokenizer = new IncrementalDetokenizer(parts.vocabulary);
    this.#stops = new StopStrings(start.stops);
    this.#constraint = constraint;
  }

  static async begin(start: SequenceStart, parts: SequenceParts): Promise<LiveSequence> {
    const { structure } = start;
    const constraint =
      structure === undefined ? undefined : await (await parts.compiler()).compile(structure);
    return new LiveSequence(start, parts, constraint);
  }

  get prefilling(): boolean {
    return this.taken < this.start.prompt.length;
  }

  /** Draws the next token and says what it shows. */
  async draw(logits: Float32Array): Promise<StepPiece> {
    const sampled = this.#sampler.sample(logits, await this.#constraint?.allowed());
    const { id } = sampled;
    if (this.parts.ends.has(id)) return this.#piece(this.#rest(), 'stop');
    this.#drawn += 1;
    this.tokens.push(id);
    this.next = id;
    await this.#constraint?.accept(id);
    const { text, stopped } = this.#stops.push(this.#detokenizer.push(id));
    if (stopped) return this.#piece(text, 'stop', sampled);
    if (this.#constraint?.terminated === true) return this.#piece(text + this.#rest(), 'stop', sampled);
    if (this.#drawn >= this.start.maxTokens) return this.#piece(text + this.#rest(), 'length', sampled);
    return this.#piece(text, undefined, sampled);
  }

  [Symbol.dispose](): void {
    this.#constraint?.[Symbol.dispose]();
    this.#constraint = undefined;
  }

  #rest(): string {
    const { text, stopped } = this.#stops.push(this.#detokenizer.flush());
    return stopped ? text : text + this.#stops.flush();
  }

  #piece(text: string, end: StepPiece['end'], sampled?: SampledToken): StepPiece {
    const { logprob } = sampled ?? {};
    return {
      text,
      tokens: this.#drawn,
      reused: this.reused,
      ...(end === undefined ? {} : { end }),
      ...(sampled === undefined || logprob === undefined
        ? {}
        : { scored: { id: sampled.id, logprob, top: sampled.top ?? [] } }),
    };
  }
}
