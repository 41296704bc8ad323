import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Engine } from './engine.js';
import { readModel } from './model-files.js';
import type { Opening } from './protocol.js';
import { tokensOf } from './requests.js';

/** One by one, as the runtime's own examples do. */
export async function openBare({ folder, precision, threads }: Opening): Promise<Engine> {
  const { path } = await readModel(folder, precision);
  const options = threads === undefined ? {} : { intraOpNumThreads: threads };
  const session = await InferenceSession.create(path, options);
  return {
    async send(length) {
      const { ids, mask } = tokensOf(length);
      await session.run({
        input_ids: new Tensor('int64', ids, [1, length]),
        attention_mask: new Tensor('int64', mask, [1, length]),
      });
      return 1;
    },
  };
}
