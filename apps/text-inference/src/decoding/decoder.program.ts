import type { LoadProgram } from '@trivium/onnx';
import { tokenVocabulary } from '../prompting/token-vocabulary.js';
import { type ConstraintCompiler, createConstraintCompiler } from '../structure/token-constraint.js';
import { ConcatenatingCache } from './concatenating-cache.js';
import type { DecoderFacts, DecoderOptions, StepAnswer, StepResult, StepTask } from './decoder-task.js';
import { InPlaceCache } from './in-place-cache.js';
import { LiveSequence } from './live-sequence.js';
import { PrefixStore } from './prefix-store.js';

/** Of one prompt in one step: a long one must not keep those that write waiting. */
const PREFILL_CHUNK = 128;
/** Of all prompts together in one step. */
const PREFILL_STEP = 256;
const BYTES_OF_FLOAT = 4;

/** Lives in the worker beside its session: sequences, their keys and values, and what is drawn from the logits. */
const load: LoadProgram<DecoderOptions, StepTask, StepResult> = async ({
  options,
  openDecoder,
  readFile,
}) => {
  const session = await openDecoder(options.model, { threads: options.threads, fixedShapes: false });
  const { shape } = session;
  const vocabulary = tokenVocabulary(
    JSON.parse(Buffer.from(await readFile(options.tokenizer)).toString('utf8')),
  );
  const ends = new Set(options.ends);
  const cache = shape.inPlace ? new InPlaceCache(session) : new ConcatenatingCache(session);
  const prefixes = new PrefixStore(options.prefixTokens);
  const live = new Map<number, LiveSequence>();
  let compiling: Promise<ConstraintCompiler> | undefined;
  const compiler = (): Promise<ConstraintCompiler> =>
    (compiling ??= createConstraintCompiler({
      // What stands for no text must not pass as a part of one.
      tokens: vocabulary.tokens.map((token, id) => (vocabulary.bytesOf(id).length === 0 ? '' : token)),
      encoding: vocabulary.encoding,
      size: shape.vocabulary,
      stopTokens: options.ends,
    }));

  const release = (id: number): void => {
    const sequence = live.get(id);
    if (sequence === undefined) return;
    keepPrefix(id, sequence);
    cache.drop(id);
    live.delete(id);
    sequence[Symbol.dispose]();
  };
  const keepPrefix = (id: number, { start, tokens }: LiveSequence): void => {
    const taken = tokens.slice(0, cache.lengthOf(id));
    if (prefixes.wants(start.owner, taken)) prefixes.keep(start.owner, taken, cache.slice(id, taken.length));
  };
  const begin = async (id: number, start: NonNullable<StepTask['turns'][number]['start']>): Promise<void> => {
    const sequence = await LiveSequence.begin(start, { vocabulary, ends, compiler });
    const prefix = prefixes.find(start.owner, start.prompt);
    cache.add(id, prefix);
    sequence.taken = sequence.reused = prefix?.length ?? 0;
    live.set(id, sequence);
  };

  const step = async ({ turns, released }: StepTask): Promise<StepResult> => {
    for (const id of released) release(id);
    const answers = new Map<number, StepAnswer>();
    const fail = (id: number, error: unknown): void => {
      answers.set(id, {
        id,
        kind: 'failed',
        message: error instanceof Error ? error.message : String(error),
      });
    };
    for (const { id, start } of turns) {
      if (start === undefined) continue;
      try {
        await begin(id, start);
      } catch (error) {
        fail(id, error);
      }
    }
    const writing: { id: number; token: number }[] = [];
    let prefilled = 0;
    for (const { id } of turns) {
      const sequence = live.get(id);
      if (answers.has(id)) continue;
      if (sequence === undefined) {
        answers.set(id, { id, kind: 'unknown' });
      } else if (sequence.prefilling) {
        const { prompt } = sequence.start;
        const most = Math.min(PREFILL_CHUNK, PREFILL_STEP - prefilled);
        const chunk = prompt.slice(sequence.taken, sequence.taken + most);
        answers.set(id, { id, kind: 'prefilling' });
        if (chunk.length === 0) continue;
        const logits = await cache.extend(id, chunk);
        sequence.taken += chunk.length;
        prefilled += chunk.length;
        if (sequence.prefilling) continue;
        answers.set(id, { id, kind: 'piece', piece: await sequence.draw(logits) });
        if (prefixes.wants(sequence.start.owner, prompt)) {
          prefixes.keep(sequence.start.owner, prompt, cache.slice(id, prompt.length));
        }
      } else if (sequence.next !== undefined) {
        writing.push({ id, token: sequence.next });
      }
    }
    if (writing.length > 0) {
      const rows = await cache.step(writing);
      for (const [index, { id }] of writing.entries()) {
        const logits = rows[index];
        const sequence = live.get(id);
        if (logits === undefined || sequence === undefined) continue;
        answers.set(id, { id, kind: 'piece', piece: await sequence.draw(logits) });
      }
    }
    return {
      answers: turns.map(({ id }) => answers.get(id) ?? { id, kind: 'failed', message: 'no answer' }),
      prefilled,
      decoded: writing.length,
      cachePositions: cache.positions,
    };
  };

  const { layers, kvHeads, headSize } = shape;
  return {
    facts: {
      vocabulary: shape.vocabulary,
      bytesPerToken: layers * 2 * kvHeads * headSize * BYTES_OF_FLOAT,
      inPlace: shape.inPlace,
    } satisfies DecoderFacts,
    operationOf: () => 'decode',
    warmUp: async () => {
      cache.add(0);
      await cache.extend(0, [0, 0]);
      await cache.step([{ id: 0, token: 0 }]);
      cache.drop(0);
    },
    run: async (tasks) => {
      const results: StepResult[] = [];
      for (const task of tasks) results.push(await step(task));
      return results;
    },
  };
};

export default load;
