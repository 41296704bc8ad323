import { openBare } from './bare-engine.js';
import { measureLoad } from './drive.js';
import type { Engine } from './engine.js';
import type { Answer, ContenderName, Opening, Order, Timing, Timings } from './protocol.js';
import { openTransformers } from './transformers-engine.js';
import { openTrivium } from './trivium-engine.js';

/** One contender in a process of its own, which both makes the load and serves it: `node contender-process.js <opening as JSON>`. */
const OPEN: Readonly<Record<ContenderName, (opening: Opening) => Promise<Engine>>> = {
  trivium: openTrivium,
  'onnxruntime-node': openBare,
  '@huggingface/transformers': openTransformers,
};

/** Short runs are repeated for so long: the shorter, the more a disturbance weighs. */
const LEAST_TIMING_MS = 60;

async function answer(engine: Engine, order: Order): Promise<Answer> {
  if (order.kind === 'timing') return { type: 'timings', timings: await measureShapes(engine, order) };
  const send = (tokens: number): Promise<number> => engine.send(tokens, order.policy ?? 'trivium');
  return { type: 'figures', figures: await measureLoad(send, order) };
}

async function measureShapes({ time }: Engine, { shapes, repeats }: Timing): Promise<Timings> {
  if (time === undefined) throw new Error('This contender cannot time single runs');
  const ms: number[] = [];
  for (const { items, tokens } of shapes) {
    const startedAt = performance.now();
    let least = Number.POSITIVE_INFINITY;
    for (let done = 0; done < repeats || performance.now() - startedAt < LEAST_TIMING_MS; done += 1) {
      least = Math.min(least, await time(items, tokens));
    }
    ms.push(least);
  }
  return { ms };
}

function say(message: Answer): void {
  process.send?.(message);
}

const opening = JSON.parse(process.argv[2] ?? '') as Opening;
const engine = await OPEN[opening.contender](opening);
process.on('message', (order: Order) => {
  answer(engine, order).then(say, (error: unknown) => say({ type: 'failed', message: String(error) }));
});
process.on('disconnect', () => process.exit(0));
say({ type: 'ready' });
