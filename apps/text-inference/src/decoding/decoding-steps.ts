import { DomainError } from '@trivium/contracts';
import type { SequenceStart, StepAnswer, StepResult, StepTask } from './decoder-task.js';
import type { KeyValueCache, StepEntry } from './key-value-cache.js';
import { LiveSequence, type SequenceParts } from './live-sequence.js';
import type { PrefixStore } from './prefix-store.js';

/** Of one prompt in one step: a long one must not keep those that write waiting. */
const PREFILL_CHUNK = 128;
/** Of all prompts together in one step. */
const PREFILL_STEP = 256;

/** What one step has made so far. */
interface Progress {
  readonly answers: Map<number, StepAnswer>;
  readonly writing: StepEntry[];
  prefilled: number;
  reused: number;
}

/** Takes the live sequences from step to step. What goes wrong with one of them ends it and no other. */
export class DecodingSteps {
  readonly #live = new Map<number, LiveSequence>();

  constructor(
    private readonly cache: KeyValueCache,
    private readonly prefixes: PrefixStore,
    private readonly parts: SequenceParts,
  ) {}

  async run({ turns, released }: StepTask): Promise<StepResult> {
    for (const id of released) this.#release(id);
    const progress: Progress = { answers: new Map(), writing: [], prefilled: 0, reused: 0 };
    for (const { id, start } of turns) {
      await this.#guarded(id, progress, async () => {
        if (start !== undefined) progress.reused += await this.#begin(id, start);
        await this.#takeIn(id, progress);
      });
    }
    await this.#write(progress);
    return {
      answers: turns.map(({ id }) => progress.answers.get(id) ?? { id, kind: 'unknown' }),
      prefilled: progress.prefilled,
      decoded: progress.writing.length,
      reused: progress.reused,
      cachePositions: this.cache.positions,
    };
  }

  /** Answers how much of the prompt was taken over. */
  async #begin(id: number, start: SequenceStart): Promise<number> {
    const sequence = await LiveSequence.begin(start, this.parts);
    const prefix = this.prefixes.find(start.owner, start.prompt);
    try {
      this.cache.add(id, start.prompt.length + start.maxTokens, prefix);
    } catch (error) {
      sequence[Symbol.dispose]();
      throw error;
    }
    sequence.taken = sequence.reused = prefix?.length ?? 0;
    this.#live.set(id, sequence);
    return sequence.reused;
  }

  /** The next part of its prompt; one that has taken in all of it is noted for the common run. */
  async #takeIn(id: number, progress: Progress): Promise<void> {
    const sequence = this.#live.get(id);
    if (sequence === undefined) return;
    const { start, next, taken } = sequence;
    if (!sequence.prefilling) {
      if (next !== undefined) progress.writing.push({ id, token: next });
      return;
    }
    const most = Math.min(PREFILL_CHUNK, PREFILL_STEP - progress.prefilled);
    const chunk = start.prompt.slice(taken, taken + most);
    progress.answers.set(id, { id, kind: 'prefilling' });
    if (chunk.length === 0) return;
    const logits = await this.cache.extend(id, chunk);
    sequence.taken += chunk.length;
    progress.prefilled += chunk.length;
    if (sequence.prefilling) return;
    progress.answers.set(id, { id, kind: 'piece', piece: await sequence.draw(logits) });
    this.#keep(id, start.owner, start.prompt);
  }

  async #write({ writing, ...progress }: Progress): Promise<void> {
    if (writing.length === 0) return;
    let rows: readonly Float32Array[];
    try {
      rows = await this.cache.step(writing);
    } catch (error) {
      for (const { id } of writing) progress.answers.set(id, failure(id, error));
      return;
    }
    for (const [index, { id }] of writing.entries()) {
      await this.#guarded(id, progress, async () => {
        const [logits, sequence] = [rows[index], this.#live.get(id)];
        if (logits === undefined || sequence === undefined) throw new RangeError(`No row for sequence ${id}`);
        progress.answers.set(id, { id, kind: 'piece', piece: await sequence.draw(logits) });
      });
    }
  }

  async #guarded(
    id: number,
    { answers }: Pick<Progress, 'answers'>,
    work: () => Promise<void>,
  ): Promise<void> {
    try {
      await work();
    } catch (error) {
      answers.set(id, failure(id, error));
    }
  }

  #release(id: number): void {
    const sequence = this.#live.get(id);
    if (sequence === undefined) return;
    this.#keep(id, sequence.start.owner, sequence.tokens.slice(0, this.cache.lengthOf(id)));
    this.cache.drop(id);
    this.#live.delete(id);
    sequence[Symbol.dispose]();
  }

  #keep(id: number, owner: string, tokens: readonly number[]): void {
    if (!this.prefixes.wants(owner, tokens)) return;
    this.prefixes.keep(owner, tokens, this.cache.slice(id, tokens.length));
  }
}

function failure(id: number, error: unknown): StepAnswer {
  const message = error instanceof Error ? error.message : String(error);
  if (!DomainError.is(error)) return { id, kind: 'failed', code: 'internal', message };
  return { id, kind: 'failed', code: error.code, message, param: error.param };
}
