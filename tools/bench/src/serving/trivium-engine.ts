import type { Tensor } from '@trivium/contracts/tensor';
import { openTensorModel, type TensorTask, type Work } from '@trivium/onnx';
import { Batcher } from '@trivium/serving';
import type { Engine } from './engine.js';
import { FifoBatcher } from './fifo.js';
import { readModel } from './model-files.js';
import { processorMs, startedBy } from './processes.js';
import type { Opening, Policy } from './protocol.js';
import { tokensOf } from './requests.js';

/** More than any load here lets wait: nothing is refused. */
const MAX_WAITING = 100_000;

type Run = (work: Work<TensorTask>) => Promise<number>;

/** The engine as the services have it: worker processes behind the batcher. */
export async function openTrivium({ folder, precision }: Opening): Promise<Engine> {
  const { path, sha256, manifest } = await readModel(folder, precision);
  const [group] = manifest.instance_group;
  if (group === undefined || group.kind === 'KIND_REMOTE') throw new Error('The manifest names no workers');
  const name = { modelId: manifest.id, version: '1', variant: precision, service: 'bench' };
  const model = openTensorModel({ ...name, manifest, file: { path, sha256 }, group });
  await model.start();
  const workers = await startedBy(process.pid);
  const batcher = new Batcher(model, { maxWaiting: MAX_WAITING });
  for (const { items, length, ms } of model.warmUps) {
    batcher.observe({ items, longest: length, durationMs: ms });
  }
  const fifo = (maxItems: number): Run => {
    const line = new FifoBatcher(model, maxItems);
    return (work) => line.run(work);
  };
  const runs: Readonly<Record<Policy, Run>> = {
    trivium: async (work) => (await batcher.run(work)).execution.batchSize,
    'one-by-one': fifo(1),
    'fifo-8': fifo(8),
    'fifo-32': fifo(32),
  };
  return {
    send: (tokens, policy) => runs[policy](workOf(tokens)),
    async time(items, tokens) {
      const batch = Array.from({ length: items }, () => workOf(tokens));
      const instances = model.limits.maxConcurrentBatches;
      const run = async (): Promise<number> => {
        const startedAt = performance.now();
        await model.doRun(batch, new AbortController().signal);
        return performance.now() - startedAt;
      };
      const before = await processorMs(workers);
      const elapsed = await Promise.all(Array.from({ length: instances }, run));
      const after = await processorMs(workers);
      if (before === undefined || after === undefined) return Math.min(...elapsed);
      return (after - before) / instances;
    },
  };
}

function workOf(length: number): Work<TensorTask> {
  const { ids, mask } = tokensOf(length);
  return { task: { inputs: [tensor('input_ids', ids), tensor('attention_mask', mask)] }, trace: {} };
}

function tensor(name: string, values: BigInt64Array): Tensor {
  const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { name, datatype: 'INT64', shape: [1, values.length], data };
}
