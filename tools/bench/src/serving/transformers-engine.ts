import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import type { Engine } from './engine.js';
import type { Opening } from './protocol.js';
import { tokensOf } from './requests.js';

/** As much of the package as is used here; it is not installed where this is compiled. */
interface Transformers {
  readonly env: { allowRemoteModels: boolean; localModelPath: string };
  readonly AutoModel: {
    from_pretrained(name: string, options: object): Promise<(inputs: object) => Promise<unknown>>;
  };
  readonly Tensor: new (type: string, data: BigInt64Array, dims: readonly number[]) => unknown;
}

/** Its model class over tokens that are ready, so that all contenders do the same work. */
export async function openTransformers({ folder, precision, threads, peers }: Opening): Promise<Engine> {
  if (peers === undefined) throw new Error('The folder of the peers is missing');
  const require = createRequire(join(peers, 'package.json'));
  const { AutoModel, env, Tensor } = require('@huggingface/transformers') as Transformers;
  env.allowRemoteModels = false;
  env.localModelPath = dirname(folder);
  const model = await AutoModel.from_pretrained(basename(folder), {
    dtype: precision === 'fp32' ? 'fp32' : 'q8',
    device: 'cpu',
    session_options: threads === undefined ? {} : { intraOpNumThreads: threads },
  });
  return {
    async send(length) {
      const { ids, mask } = tokensOf(length);
      await model({
        input_ids: new Tensor('int64', ids, [1, length]),
        attention_mask: new Tensor('int64', mask, [1, length]),
      });
      return 1;
    },
  };
}
