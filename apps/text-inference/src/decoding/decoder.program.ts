import { DomainError } from '@trivium/contracts';
import type { LoadProgram } from '@trivium/onnx';
import { tokenVocabulary } from '../prompting/token-vocabulary.js';
import { type ConstraintCompiler, createConstraintCompiler } from '../structure/token-constraint.js';
import { planCache } from './cache-plan.js';
import { ConcatenatingCache } from './concatenating-cache.js';
import type { DecoderFacts, DecoderOptions, StepResult, StepTask } from './decoder-task.js';
import { DecodingSteps } from './decoding-steps.js';
import { InPlaceCache } from './in-place-cache.js';
import { PrefixStore } from './prefix-store.js';

const BYTES_OF_FLOAT = 4;

/** Lives in the worker beside its session: sequences, their keys and values, and what is drawn from the logits. */
const load: LoadProgram<DecoderOptions, StepTask, StepResult> = async ({
  options,
  openDecoder,
  readFile,
}) => {
  const session = await openDecoder(options.model, {
    threads: options.threads,
    fixedShapes: false,
    staysAwake: true,
  });
  const { layers, kvHeads, headSize, vocabulary: size, inPlace } = session.shape;
  const bytesPerPosition = layers * 2 * kvHeads * headSize * BYTES_OF_FLOAT;
  const plan = planCache({
    bytes: options.cacheBytes,
    bytesPerPosition,
    positions: options.positions,
    inPlace,
  });
  if (plan.contextWindow < 2) {
    throw new DomainError(
      'model_not_available',
      `max_worker_memory_mb leaves ${options.cacheBytes} bytes for keys and values, and each token takes ${bytesPerPosition}`,
    );
  }
  const vocabulary = tokenVocabulary(
    JSON.parse(Buffer.from(await readFile(options.tokenizer)).toString('utf8')),
  );
  const cache = inPlace ? new InPlaceCache(session, plan) : new ConcatenatingCache(session, plan);
  let compiling: Promise<ConstraintCompiler> | undefined;
  const steps = new DecodingSteps(cache, new PrefixStore(plan.prefixPositions), {
    vocabulary,
    ends: new Set(options.ends),
    compiler: () =>
      (compiling ??= createConstraintCompiler({
        // What stands for no text must not pass as a part of one.
        tokens: vocabulary.tokens.map((token, id) => (vocabulary.bytesOf(id).length === 0 ? '' : token)),
        encoding: vocabulary.encoding,
        size,
        stopTokens: options.ends,
      })),
  });
  return {
    facts: { vocabulary: size, inPlace, plan } satisfies DecoderFacts,
    operationOf: () => 'decode',
    warmUp: async () => {
      cache.add(0, 3);
      await cache.extend(0, [0]);
      await cache.step([{ id: 0, token: 0 }]);
      cache.drop(0);
    },
    run: async (tasks) => {
      const results: StepResult[] = [];
      for (const task of tasks) results.push(await steps.run(task));
      return results;
    },
  };
};

export default load;
