import { readFileSync } from 'node:fs';
import type { Tensor } from '@trivium/contracts/tensor';
import { InferenceSession, type Tensor as OnnxTensor } from 'onnxruntime-node';
import { agreementOf, type Answer } from '../quantization/agreement.js';
import { feedsOf } from './feeds.js';
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

type Outputs = Readonly<Record<string, OnnxTensor>>;

const open = (file: string): Promise<InferenceSession> => InferenceSession.create(file, SESSION_OPTIONS);

async function timed(session: InferenceSession, feeds: Outputs): Promise<number> {
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
    const expected = (await reference.run(feeds)) as Outputs;
    const actual = (await candidate.run(feeds)) as Outputs;
    const ofOutputs = Object.entries(expected).map(([name, tensor]) =>
      agreementOf(metric, answerOf(tensor), answerOf(actual[name])),
    );
    agreement.push(metric === 'max-absolute-error' ? Math.max(...ofOutputs) : Math.min(...ofOutputs));
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

function answerOf(tensor: OnnxTensor | undefined): Answer {
  if (tensor === undefined) return { values: [], columns: 1 };
  const { data, dims } = tensor;
  const columns = dims.at(-1) ?? 1;
  if (data instanceof Float32Array || data instanceof Float64Array) return { values: data, columns };
  return { values: Array.from(data as Iterable<number | bigint | boolean | string>, asNumber), columns };
}

/** Words have no distance; equal ones must count as equal. */
function asNumber(value: number | bigint | boolean | string): number {
  if (typeof value !== 'string') return Number(value);
  return [...value].reduce((hash, letter) => (hash * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003, 7);
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
