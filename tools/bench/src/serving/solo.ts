import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { quantize } from '@trivium/onnx';
import { addModel, decoderStep } from '@trivium/onnx/synthesis';
import type { BenchmarkOptions, Row } from '../harness/benchmark.js';
import { runRounds, toRow } from '../harness/rounds.js';
import type { DecoderShape, Plan } from './plan.js';
import type { Precision } from './protocol.js';

export type SoloOrder =
  | { readonly kind: 'wrapper'; readonly path: string; readonly runs: number }
  | {
      readonly kind: 'decoding';
      readonly path: string;
      readonly precision: Precision;
      readonly shape: DecoderShape;
      readonly sequences: number;
      readonly tokens: number;
    };
export type SoloAnswer = { readonly value: number } | { readonly failed: string };

const WRAPPER_GOAL_US = 20;
const SEQUENCES = 8;
/** Of the tokens per second of one sequence. */
const DECODING_GOAL = 5;

/** What one thread shows: the cost of our session around a run, and what sharing steps gains in decoding. */
export async function measureSolo(folder: string, plan: Plan, options: BenchmarkOptions): Promise<Row[]> {
  const files = await writeModels(folder, plan);
  const { wrapper } = await runRounds(
    {
      wrapper: async () => ({
        added: await ask({ kind: 'wrapper', path: files.add, runs: plan.wrapperRuns }),
      }),
    },
    options,
  );
  const rows = [
    toRow({
      metric: 'our session around a run of a tiny model adds, p50',
      unit: 'µs',
      better: 'lower',
      key: 'added',
      ours: wrapper,
      goal: WRAPPER_GOAL_US,
    }),
  ];
  for (const precision of plan.precisions) {
    const { decoder: shape, decoderTokens: tokens } = plan;
    const write = (sequences: number) => async () => ({
      rate: await ask({ kind: 'decoding', path: files[precision], precision, shape, sequences, tokens }),
    });
    const title = `${precision} decoding`;
    const { [`${title}: together`]: ours = [], [`${title}: one`]: one = [] } = await runRounds(
      { [`${title}: together`]: write(SEQUENCES), [`${title}: one`]: write(1) },
      options,
    );
    rows.push(
      toRow({
        metric: `${title}, ${SEQUENCES} sequences step by step`,
        unit: 'tokens/s',
        better: 'higher',
        key: 'rate',
        ours,
        peer: { name: 'one sequence', samples: one },
        goal: DECODING_GOAL,
      }),
    );
  }
  return rows;
}

async function writeModels(folder: string, { decoder }: Plan): Promise<Record<'add' | Precision, string>> {
  const files = {
    add: join(folder, 'add.onnx'),
    fp32: join(folder, 'decoder.fp32.onnx'),
    int8: join(folder, 'decoder.int8.onnx'),
  };
  const { bytes } = decoderStep(decoder);
  await mkdir(folder, { recursive: true });
  await writeFile(files.add, addModel().bytes);
  await writeFile(files.fp32, bytes);
  await writeFile(files.int8, quantize(bytes, { variant: 'int8', leastWeights: 1 }).bytes);
  return files;
}

/** In a new process each time, so that no measurement inherits another's memory. */
async function ask(order: SoloOrder): Promise<number> {
  const child = fork(new URL('solo-process.js', import.meta.url));
  const exited = once(child, 'exit');
  child.send(order);
  const answer = await Promise.race([
    once(child, 'message').then(([message]) => message as SoloAnswer),
    exited.then(([code]): SoloAnswer => ({ failed: `The process ended with code ${String(code)}` })),
  ]);
  if (child.connected) child.disconnect();
  await exited;
  if ('failed' in answer) throw new Error(answer.failed);
  return answer.value;
}
