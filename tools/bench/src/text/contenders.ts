import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { ModelManifest } from '@trivium/contracts/model-manifest';
import type { DecoderFolder } from './model-folder.js';

/** Prompts of one length and answers of another, all written at once. */
export interface Load {
  readonly prompts: readonly (readonly number[])[];
  readonly tokens: number;
}

export interface Measured {
  /** Of all answers together. */
  readonly tokensPerSecond: number;
  /** Median over the answers; not known of a contender that answers whole. */
  readonly firstMs: number | undefined;
}

export interface Writer extends AsyncDisposable {
  write(load: Load): Promise<Measured>;
  readonly memoryBytes: number;
}

/** As much of the service as is used here; tools do not import applications, so it is loaded as it was built. */
interface Decoders {
  readonly LocalDecoder: {
    open(files: object, onWorker: () => void): Promise<Decoder>;
  };
}
interface Decoder extends AsyncDisposable {
  readonly memoryBytes: number;
  run(start: object): AsyncIterable<{ readonly tokens: number }>;
}

const DECODER = new URL('../../../../apps/text-inference/dist/decoding/local-decoder.js', import.meta.url)
  .href;

export async function openTrivium({ folder, files, modelFile }: DecoderFolder): Promise<Writer> {
  const { LocalDecoder } = (await import(DECODER)) as Decoders;
  const manifest = ModelManifest.parse({
    id: 'bench',
    task: 'generate',
    licence: 'Apache-2.0',
    platform: 'program',
    max_worker_memory_mb: 4_096,
  });
  const source = { manifest, version: '1', variant: 'int8', files, folder, modelFile };
  const decoder = await LocalDecoder.open(source, () => undefined);
  return {
    get memoryBytes() {
      return decoder.memoryBytes;
    },
    async write({ prompts, tokens }) {
      const startedAt = performance.now();
      const answers = await Promise.all(
        prompts.map(async (prompt) => {
          let firstMs: number | undefined;
          let written = 0;
          for await (const piece of decoder.run(greedy(prompt, tokens))) {
            firstMs ??= performance.now() - startedAt;
            written = piece.tokens;
          }
          return { firstMs: firstMs ?? Number.NaN, written };
        }),
      );
      const seconds = (performance.now() - startedAt) / 1_000;
      const written = answers.reduce((sum, answer) => sum + answer.written, 0);
      const firsts = answers.map(({ firstMs }) => firstMs).sort((one, other) => one - other);
      return { tokensPerSecond: written / seconds, firstMs: firsts[Math.floor(firsts.length / 2)] };
    },
    [Symbol.asyncDispose]: () => decoder[Symbol.asyncDispose](),
  };
}

function greedy(prompt: readonly number[], maxTokens: number): object {
  const settings = {
    temperature: 0,
    topP: 1,
    topK: 0,
    minP: 0,
    repetitionPenalty: 1,
    presencePenalty: 0,
    frequencyPenalty: 0,
    logitBias: [],
    seed: 1,
    topLogprobs: undefined,
  };
  return { owner: 'bench', prompt, maxTokens, settings, stops: [], structure: undefined };
}

interface Transformers {
  readonly env: { allowRemoteModels: boolean; localModelPath: string };
  readonly AutoModelForCausalLM: {
    from_pretrained(
      name: string,
      options: object,
    ): Promise<{ generate(inputs: object): Promise<{ dims: number[] }> }>;
  };
  readonly Tensor: new (type: string, data: BigInt64Array, dims: readonly number[]) => unknown;
}

/** The same file by `@huggingface/transformers`, with as many threads as there are cores. */
export async function openTransformers({ folder }: DecoderFolder, peers: string): Promise<Writer> {
  const require = createRequire(join(peers, 'package.json'));
  const { AutoModelForCausalLM, env, Tensor } = require('@huggingface/transformers') as Transformers;
  env.allowRemoteModels = false;
  env.localModelPath = dirname(folder);
  const model = await AutoModelForCausalLM.from_pretrained(basename(folder), { dtype: 'q8', device: 'cpu' });
  return {
    memoryBytes: Number.NaN,
    async write({ prompts, tokens }) {
      const length = prompts[0]?.length ?? 0;
      const dims = [prompts.length, length];
      const ids = BigInt64Array.from(prompts.flat(), BigInt);
      const startedAt = performance.now();
      const output = await model.generate({
        input_ids: new Tensor('int64', ids, dims),
        attention_mask: new Tensor('int64', new BigInt64Array(ids.length).fill(1n), dims),
        max_new_tokens: tokens,
        min_new_tokens: tokens,
        do_sample: false,
      });
      const seconds = (performance.now() - startedAt) / 1_000;
      const written = ((output.dims[1] ?? 0) - length) * prompts.length;
      return { tokensPerSecond: written / seconds, firstMs: undefined };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
