import { Random } from '@trivium/onnx/synthesis';
import type { Row } from '../harness/benchmark.js';
import { median, type Sample, toRow } from '../harness/rounds.js';
import { readersOf, waited } from './patience.js';
import type { Outcome, Prompt } from './protocol.js';
import type { TextContender } from './text-contender.js';

export const CONCURRENCIES = [1, 4, 8, 16] as const;
const VOCABULARY = 49_000;
const PROMPT = 128;
const NEW_TOKENS = 64;
const LONG_PROMPT = 512;
/** Ten words of English in tokens of a byte-level BPE, at 1.3 tokens a word. */
const TEN_WORDS = 13;
const CROWD = { readers: 16, meanGapMs: 400, medianPatienceMs: 2_500, spread: 0.8 };
const CROWD_SEED = 29;
const MS_PER_S = 1_000;
const MIB = 1_024 ** 2;

type Samples = Readonly<Record<string, readonly Sample[]>>;

/** Prompts that no earlier one begins like, so that nothing is taken over from it. */
export class Prompts {
  readonly #random = new Random(43);

  next(length = PROMPT): Prompt {
    return { ids: Array.from({ length }, () => this.#random.below(VOCABULARY)) };
  }

  many(count: number): Prompt[] {
    return Array.from({ length: count }, () => this.next());
  }
}

/** Tokens per second and time to first token, by how many sequences run at a time. */
export async function generate(contender: TextContender, prompts: Prompts): Promise<Sample> {
  const sample: Record<string, number> = {};
  for (const concurrent of CONCURRENCIES) {
    const order = { prompts: prompts.many(concurrent), newTokens: NEW_TOKENS, memory: true };
    const outcome = await contender.write(order);
    const tokens = outcome.written.reduce((sum, { atMs }) => sum + atMs.length, 0);
    sample[`rate${concurrent}`] = (tokens / outcome.wallMs) * MS_PER_S;
    sample[`first${concurrent}`] = median(outcome.written.map(firstOf));
    sample[`memory${concurrent}`] = (outcome.residentBytes ?? Number.NaN) / MIB;
  }
  return sample;
}

/** First token of a long prompt, then of the same one once more. */
export async function repeat(contender: TextContender, prompts: Prompts): Promise<Sample> {
  const prompt = prompts.next(LONG_PROMPT);
  const first = async (): Promise<number> => {
    const { written } = await contender.write({ prompts: [prompt], newTokens: 2 });
    return median(written.map(firstOf));
  };
  const fresh = await first();
  return { fresh, repeated: await first() };
}

/** One crowd of readers who see each token as it comes, or the whole answer at its end. */
export async function serveReaders(
  contender: TextContender,
  prompts: Prompts,
  isStreamed: boolean,
): Promise<Sample> {
  const shownAfter = isStreamed ? TEN_WORDS : NEW_TOKENS;
  const readers = readersOf(CROWD, new Random(CROWD_SEED));
  const { written } = await contender.write({
    prompts: readers.map(({ arrivesMs, patienceMs }) => ({
      ...prompts.next(),
      startMs: arrivesMs,
      patienceMs,
      shownAfter,
    })),
    newTokens: NEW_TOKENS,
  });
  const waits = readers.map(({ patienceMs }, index) =>
    waited(written[index]?.atMs[shownAfter - 1], patienceMs),
  );
  return {
    wait: waits.reduce((sum, ms) => sum + ms, 0) / waits.length,
    left: written.filter(({ abandoned }) => abandoned).length / written.length,
  };
}

function firstOf({ atMs }: Outcome['written'][number]): number {
  return atMs[0] ?? Number.NaN;
}

export function generationRows(samples: Samples, ours: string): Row[] {
  const own = samples[ours] ?? [];
  const peers = Object.keys(samples).filter((name) => name !== ours);
  const against = (row: Omit<Parameters<typeof toRow>[0], 'ours' | 'peer'>): Row[] =>
    peers.length === 0
      ? [toRow({ ...row, ours: own })]
      : peers.map((name) => toRow({ ...row, ours: own, peer: { name, samples: samples[name] ?? [] } }));
  const rows = CONCURRENCIES.flatMap((count) => [
    ...against({ metric: `tokens, ${count} sequences`, unit: '1/s', better: 'higher', key: `rate${count}` }),
    ...against({
      metric: `first token, ${count} sequences`,
      unit: 'ms',
      better: 'lower',
      key: `first${count}`,
    }),
  ]);
  const memory = [1, 8].flatMap((count) =>
    against({
      metric: `resident memory, ${count} sequences`,
      unit: 'MiB',
      better: 'lower',
      key: `memory${count}`,
    }),
  );
  return [...rows, ...memory];
}

export function repeatRows(samples: readonly Sample[]): Row[] {
  const renamed = samples.map(({ fresh = Number.NaN }) => ({ repeated: fresh }));
  return [
    toRow({
      metric: `first token of ${LONG_PROMPT}, repeated`,
      unit: 'ms',
      better: 'lower',
      key: 'repeated',
      ours: samples,
      peer: { name: 'a new prompt', samples: renamed },
    }),
  ];
}

export function readerRows(streamed: readonly Sample[], buffered: readonly Sample[]): Row[] {
  const peer = { name: 'buffered', samples: buffered };
  return [
    toRow({ metric: 'wait for ten words', unit: 'ms', better: 'lower', key: 'wait', ours: streamed, peer }),
    toRow({ metric: 'abandoned', unit: '', better: 'lower', key: 'left', ours: streamed, peer }),
  ];
}
