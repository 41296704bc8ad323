import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import type { Opening, TextEngine } from './protocol.js';

interface Model {
  generate(options: object): Promise<unknown>;
  dispose(): Promise<unknown>;
}

/** As much of the package as is used here; it is not installed where this is compiled. */
interface Transformers {
  readonly env: { allowRemoteModels: boolean; localModelPath: string };
  readonly AutoModelForCausalLM: { from_pretrained(name: string, options: object): Promise<Model> };
  readonly Tensor: new (type: string, data: BigInt64Array, dims: readonly number[]) => unknown;
}

/** `generate` on the same file, a whole batch by one call: sequences cannot join or leave. */
export async function openTransformers({ folder, peers, threads }: Opening): Promise<TextEngine> {
  if (peers === undefined) throw new Error('The folder of the peers is missing');
  const require = createRequire(join(peers, 'package.json'));
  const { AutoModelForCausalLM, env, Tensor } = require('@huggingface/transformers') as Transformers;
  env.allowRemoteModels = false;
  env.localModelPath = dirname(folder);
  const model = await AutoModelForCausalLM.from_pretrained(basename(folder), {
    dtype: 'q8',
    device: 'cpu',
    session_options: { intraOpNumThreads: threads },
  });
  return {
    kind: 'batches',
    async write(prompts, newTokens, onToken) {
      const length = prompts[0]?.length ?? 0;
      const dims = [prompts.length, length];
      const ids = BigInt64Array.from(prompts.flat(), BigInt);
      let isPrompt = true;
      const streamer = {
        put(): void {
          if (!isPrompt) for (const index of prompts.keys()) onToken(index);
          isPrompt = false;
        },
        end(): void {
          isPrompt = true;
        },
      };
      await model.generate({
        inputs: new Tensor('int64', ids, dims),
        attention_mask: new Tensor('int64', new BigInt64Array(ids.length).fill(1n), dims),
        max_new_tokens: newTokens,
        do_sample: false,
        streamer,
      });
    },
    [Symbol.asyncDispose]: async () => {
      await model.dispose();
    },
  };
}
