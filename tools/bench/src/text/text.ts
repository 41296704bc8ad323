import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark, BenchmarkOptions, Row } from '../harness/benchmark.js';
import { median, runRounds, type Sample, toRow } from '../harness/rounds.js';
import { installPeers } from '../serving/peer-packages.js';
import { type Load, openTransformers, openTrivium, type Writer } from './contenders.js';
import { writeDecoder } from './model-folder.js';

const OURS = 'trivium';
const PEER = 'transformers.js';
const CONCURRENT = [1, 4, 8, 16] as const;
const PROMPT = 128;
const TOKENS = 64;
const LONG_PROMPT = 512;
/** Against the peer at each number of sequences. */
const GOALS: Readonly<Record<number, number>> = { 1: 1, 16: 3 };
/** Eight sequences against one, and a repeated prompt's first token against a new one's. */
const TOGETHER_GOAL = 5;
const PREFIX_GOAL = 5;

export const text: Benchmark = {
  name: 'text',
  description:
    'Generation with a model of 135 million parameters in 8 bits, against transformers.js on the same file',
  defaultRounds: 3,
  async run(options) {
    await using stack = new AsyncDisposableStack();
    const parent = await mkdtemp(join(tmpdir(), 'trivium-bench-text-'));
    stack.defer(() => rm(parent, { recursive: true, force: true }));
    options.progress('making the model');
    const folder = await writeDecoder(join(parent, 'decoder'));
    const peers = await installPeers(options.progress);
    const ours = stack.use(await openTrivium(folder));
    const peer = stack.use(await openTransformers(folder, peers));
    return [...(await generation(ours, peer, options)), ...(await prefixes(ours, options))];
  },
};

/** Prompts that nobody has sent before, so that nothing is taken over from an earlier one. */
let sent = 0;
function newPrompts(count: number, length: number): number[][] {
  return Array.from({ length: count }, () => {
    sent += 1;
    return Array.from({ length }, (_, index) => (sent * 7_919 + index * 104_729) % 40_000);
  });
}

async function generation(ours: Writer, peer: Writer, options: BenchmarkOptions): Promise<Row[]> {
  const rows: Row[] = [];
  const own = new Map<number, readonly Sample[]>();
  for (const concurrent of CONCURRENT) {
    const load = (): Load => ({ prompts: newPrompts(concurrent, PROMPT), tokens: TOKENS });
    await Promise.all([ours.write({ prompts: newPrompts(1, PROMPT), tokens: 2 })]);
    const samples = await runRounds(
      {
        [OURS]: async () => sampleOf(await ours.write(load()), ours.memoryBytes),
        [PEER]: async () => sampleOf(await peer.write(load()), Number.NaN),
      },
      options,
    );
    const mine = samples[OURS] ?? [];
    own.set(concurrent, mine);
    const goal = GOALS[concurrent];
    rows.push(
      toRow({
        metric: `tokens, ${concurrent} at once`,
        unit: '/s',
        better: 'higher',
        key: 'tokensPerSecond',
        ours: mine,
        peer: { name: PEER, samples: samples[PEER] ?? [] },
        ...(goal === undefined ? {} : { goal }),
      }),
      toRow({
        metric: `first token, ${concurrent} at once`,
        unit: 'ms',
        better: 'lower',
        key: 'firstMs',
        ours: mine,
      }),
    );
  }
  const figure = (concurrent: number, key: string): number[] =>
    (own.get(concurrent) ?? []).map((sample) => sample[key] ?? Number.NaN);
  const one = median(figure(1, 'tokensPerSecond'));
  const together = figure(8, 'tokensPerSecond').map((value) => ({ ratio: value / one }));
  const perSequence = (median(figure(16, 'memory')) - median(figure(1, 'memory'))) / 15;
  return [
    ...rows,
    toRow({
      metric: 'eight at once, of one',
      unit: '×',
      better: 'higher',
      key: 'ratio',
      ours: together,
      goal: TOGETHER_GOAL,
    }),
    toRow({
      metric: 'memory of a sequence more',
      unit: 'MB',
      better: 'lower',
      key: 'value',
      ours: [{ value: perSequence }],
    }),
  ];
}

function sampleOf(measured: Awaited<ReturnType<Writer['write']>>, memoryBytes: number): Sample {
  return {
    tokensPerSecond: measured.tokensPerSecond,
    firstMs: measured.firstMs ?? Number.NaN,
    memory: memoryBytes / 1e6,
  };
}

async function prefixes(ours: Writer, { rounds, progress }: BenchmarkOptions): Promise<Row[]> {
  const samples: Sample[] = [];
  for (let round = 0; round < rounds; round += 1) {
    progress(`prefixes: round ${round + 1} of ${rounds}`);
    const prompts = newPrompts(1, LONG_PROMPT);
    const fresh = await ours.write({ prompts, tokens: 2 });
    const again = await ours.write({ prompts, tokens: 2 });
    samples.push({ ratio: (fresh.firstMs ?? Number.NaN) / (again.firstMs ?? Number.NaN) });
  }
  return [
    toRow({
      metric: 'first token of a repeated prompt, sooner by',
      unit: '×',
      better: 'higher',
      key: 'ratio',
      ours: samples,
      goal: PREFIX_GOAL,
    }),
  ];
}
