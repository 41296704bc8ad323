import { readFileSync } from 'node:fs';
import type { Tensor } from '@trivium/contracts/tensor';
import { agreementOf } from '@trivium/serving';
import { InferenceSession, type Tensor as OnnxTensor } from 'onnxruntime-node';
import { fromOrt, toOrt } from '../tensor/ort-tensor.js';
import type { FromProbe, MemoryFigures, ProbeTask, RaceFigures } from './probe-protocol.js';

/** As in a worker: one thread, nothing planned for one shape only. */
const SESSION_OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  graphOptimizationLevel: 'all',
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  enableMemPattern: false,
  logSeverityLevel: 3,
  extra: { session: { intra_op: { allow_spinning: '0' } } },
};
/** Runs after which memory and caches have settled. */
const WARM_UP = 3;

type Feeds = Readonly<Record<string, OnnxTensor>>;

const feedsOf = (sample: readonly Tensor[]): Feeds =>
  Object.fromEntries(sample.map((tensor) => [tensor.name, toOrt(tensor)]));

const open = (file: string): Promise<InferenceSession> => InferenceSession.create(file, SESSION_OPTIONS);

async function timed(session: InferenceSession, feeds: Feeds): Promise<number> {
  const start = performance.now();
  await session.run(feeds);
  return performance.now() - start;
}

function residentBytes(): number {
  const pages = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(pages?.[1] ?? 0) * 1024;
}

async function measureMemory(file: string, sample: readonly Tensor[]): Promise<MemoryFigures> {
  const before = residentBytes();
  const session = await open(file);
  const loaded = residentBytes();
  for (let run = 0; run < WARM_UP; run += 1) await session.run(feedsOf(sample));
  return { loadBytes: loaded - before, runBytes: residentBytes() - before };
}

async function race(task: Extract<ProbeTask, { type: 'race' }>): Promise<RaceFigures> {
  const { samples, rounds, metric } = task;
  const [reference, candidate] = [await open(task.reference), await open(task.candidate)];
  const agreement: number[] = [];
  for (const sample of samples) {
    const feeds = feedsOf(sample);
    agreement.push(agreementOf(metric, await answersOf(reference, feeds), await answersOf(candidate, feeds)));
  }
  const figures = { reference: [] as number[], candidate: [] as number[], agreement };
  const [feeds = {}] = samples.map(feedsOf);
  for (let round = -WARM_UP; round < rounds; round += 1) {
    const ofReference = await timed(reference, feeds); // one after the other, so that both meet the same neighbours
    const ofCandidate = await timed(candidate, feeds);
    if (round < 0) continue;
    figures.reference.push(ofReference);
    figures.candidate.push(ofCandidate);
  }
  return figures;
}

async function answersOf(session: InferenceSession, feeds: Feeds): Promise<Tensor[]> {
  const outputs = await session.run(feeds);
  return Object.entries(outputs).map(([name, tensor]) => fromOrt(name, tensor as OnnxTensor));
}

async function profile(task: Extract<ProbeTask, { type: 'profile' }>): Promise<{ milliseconds: number[] }> {
  const session = await InferenceSession.create(task.file, {
    ...SESSION_OPTIONS,
    enableProfiling: true,
    profileFilePrefix: task.prefix,
  });
  const milliseconds: number[] = [];
  for (let run = 0; run < task.runs; run += 1) milliseconds.push(await timed(session, feedsOf(task.sample)));
  session.endProfiling();
  return { milliseconds };
}

async function perform(task: ProbeTask): Promise<unknown> {
  switch (task.type) {
    case 'memory':
      return measureMemory(task.file, task.sample);
    case 'race':
      return race(task);
    case 'profile':
      return profile(task);
  }
}

const send = (message: FromProbe): void => void process.send?.(message);

process.once('message', (task: ProbeTask) => {
  perform(task).then(
    (result) => send({ type: 'result', result }),
    (error: unknown) =>
      send({ type: 'failed', message: error instanceof Error ? error.message : String(error) }),
  );
});
