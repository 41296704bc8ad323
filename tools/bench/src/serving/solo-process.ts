import { openTensorSession } from '@trivium/onnx';
import { SequenceBatcher } from '@trivium/serving';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { readFile } from 'node:fs/promises';
import { median } from '../harness/rounds.js';
import { DecoderModel } from './decoder.js';
import type { SoloAnswer, SoloOrder } from './solo.js';

/** What is measured in one thread of a process of its own: `node solo-process.js`. */
async function answer(order: SoloOrder): Promise<number> {
  return order.kind === 'wrapper' ? wrapperCost(order) : tokensPerSecond(order);
}

/** Microseconds that our session adds to a run of the tiny model `addModel`: medians of runs in turns. */
async function wrapperCost({ path, runs }: Extract<SoloOrder, { kind: 'wrapper' }>): Promise<number> {
  const bytes = await readFile(path);
  const values = new Float32Array(4);
  const raw = new Uint8Array(values.buffer);
  const bare = await InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const ours = await openTensorSession(bytes, { threads: 1, fixedShapes: false });
  const feeds = { a: new Tensor('float32', values, [1, 4]), b: new Tensor('float32', values, [1, 4]) };
  const inputs = ['a', 'b'].map((name) => ({ name, datatype: 'FP32' as const, shape: [1, 4], data: raw }));
  const times = { bare: [] as number[], ours: [] as number[] };
  for (let run = 0; run < 2 * runs; run += 1) {
    const measured = run >= runs; // the first half warms up
    const bareUs = await timed(() => bare.run(feeds));
    const oursUs = await timed(() => ours.run(inputs));
    if (!measured) continue;
    times.bare.push(bareUs);
    times.ours.push(oursUs);
  }
  return median(times.ours) - median(times.bare);
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return (performance.now() - startedAt) * 1_000;
}

/** Tokens per second of all sequences together, through the step-wise batcher. */
async function tokensPerSecond(order: Extract<SoloOrder, { kind: 'decoding' }>): Promise<number> {
  const { path, precision, shape, sequences, tokens } = order;
  await using batcher = new SequenceBatcher(await DecoderModel.open(path, precision, shape), {
    maxWaiting: sequences,
    maxBuffered: tokens,
  });
  const write = async (): Promise<void> => {
    const all = Array.from({ length: sequences }, () => batcher.run({ tokens }));
    await Promise.all(all.map(toEnd));
  };
  await write();
  const startedAt = performance.now();
  await write();
  return (1_000 * sequences * tokens) / (performance.now() - startedAt);
}

async function toEnd(pieces: AsyncIterable<number>): Promise<void> {
  for await (const _ of pieces);
}

process.on('message', (order: SoloOrder) => {
  answer(order).then(
    (value) => process.send?.({ value } satisfies SoloAnswer),
    (error: unknown) => process.send?.({ failed: String(error) } satisfies SoloAnswer),
  );
});
process.on('disconnect', () => process.exit(0));
