import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extractInvoice } from '@trivium/contracts/ocr-certification';
import {
  compareDocument,
  DEGREES,
  DRAWN_KINDS,
  registerFonts,
  RunningServices,
  type SetEntry,
  writeSet,
} from '@trivium/documents';
import type { Benchmark, BenchmarkOptions, Row } from '../harness/benchmark.js';
import { type Sample, toRow } from '../harness/rounds.js';
import { peerReader } from '../reading/readers.js';
import { type Score, scorePage } from '../reading/score.js';
import { type Outcome, readingSample, sampleOf } from './tally.js';

const PEERS = ['@gutenye/ocr-node', 'ppu-paddle-ocr'] as const;
/** Pictures of each kind; degrees of damage take turns. */
const DEFAULT_COUNT = 6;
const DEADLINE_MS = 300_000;

const GOALS = { fields: 0.97, total: 0.995, wrongPass: 0, p50: 0.35, p95: 0.6 } as const;

export const documents: Benchmark = {
  name: 'documents',
  description:
    'Invoices, tickets and receipts of the test split: fields, rows, verdicts; reading against peers',
  defaultRounds: 1,
  async run(options) {
    registerFonts();
    const folder = await mkdtemp(join(tmpdir(), 'trivium-documents-'));
    try {
      const { count = DEFAULT_COUNT } = options;
      options.progress(`drawing ${count} of each of ${DRAWN_KINDS.length} kinds`);
      const entries = await writeSet(folder, { split: 'test', count });
      const outcomes = await extractAll(folder, entries, options);
      const peers = new Map<string, readonly PeerPicture[]>();
      for (const peer of PEERS) peers.set(peer, await readAll(peer, folder, entries, options));
      return [
        ...qualityRows('all', outcomes, true),
        ...DEGREES.flatMap((degree) =>
          qualityRows(
            degree,
            outcomes.filter(({ entry }) => entry.degree === degree),
            degree === 'hard',
          ),
        ),
        ...DRAWN_KINDS.flatMap((kind) =>
          qualityRows(
            kind,
            outcomes.filter(({ entry }) => entry.kind === kind),
            false,
          ),
        ),
        ...readingRows(outcomes, peers),
      ];
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

/** One after the other, so that a duration is that of a picture alone; quality is that of the first pass. */
async function extractAll(
  folder: string,
  entries: readonly SetEntry[],
  { rounds, progress }: BenchmarkOptions,
): Promise<Outcome[]> {
  await using services = await RunningServices.start();
  const { messaging } = services;
  const extract = async (file: string) => {
    const document = await messaging.blobs.put(await readFile(join(folder, file)), 'image/jpeg');
    const startedAt = performance.now();
    const reply = await messaging.call(extractInvoice, { document }, { deadline: DEADLINE_MS });
    return { reply, durationMs: performance.now() - startedAt };
  };
  const [first] = entries;
  if (first !== undefined) await extract(first.file); // warms the models
  const outcomes: Outcome[] = [];
  for (const entry of entries) {
    if (outcomes.length % 12 === 0) progress(`extracting ${outcomes.length} of ${entries.length}`);
    const { reply, durationMs } = await extract(entry.file);
    const durationsMs = [durationMs];
    for (let round = 1; round < rounds; round += 1) durationsMs.push((await extract(entry.file)).durationMs);
    const texts = reply.pages.flatMap(({ lines }) => lines.map(({ text }) => text));
    const comparison = compareDocument(entry.file, entry, reply.invoice);
    for (const { value, expected, read } of comparison.mistakes) {
      progress(
        `${entry.file} ${entry.degree} ${value}: expected ${expected ?? 'nothing'}, read ${read ?? 'nothing'}`,
      );
    }
    outcomes.push({ entry, comparison, reading: scorePage(texts, entry.printed), durationsMs });
  }
  return outcomes;
}

interface PeerPicture {
  readonly degree: SetEntry['degree'];
  readonly reading: Score;
  readonly durationsMs: readonly number[];
}

async function readAll(
  peer: (typeof PEERS)[number],
  folder: string,
  entries: readonly SetEntry[],
  { progress }: BenchmarkOptions,
): Promise<PeerPicture[]> {
  progress(`reading: ${peer}`);
  await using reader = await peerReader(peer);
  const [first] = entries;
  if (first !== undefined) await reader.read(join(folder, first.file));
  const pictures: PeerPicture[] = [];
  for (const { file, printed, degree } of entries) {
    const startedAt = performance.now();
    const texts = await reader.read(join(folder, file));
    pictures.push({
      degree,
      reading: scorePage(texts, printed),
      durationsMs: [performance.now() - startedAt],
    });
  }
  return pictures;
}

function qualityRows(group: string, outcomes: readonly Outcome[], judged: boolean): Row[] {
  if (outcomes.length === 0) return [];
  const sample = sampleOf(outcomes);
  const row = (metric: string, key: keyof typeof GOALS | 'rows' | 'kind' | 'verdict', unit = ''): Row[] => {
    if (Number.isNaN(sample[key])) return [];
    const better = ['wrongPass', 'p50', 'p95'].includes(key) ? 'lower' : 'higher';
    const goal = judged && key in GOALS ? { goal: GOALS[key as keyof typeof GOALS] } : {};
    return [toRow({ metric: `${group}: ${metric}`, unit, better, key, ours: [sample], ...goal })];
  };
  return [
    ...row('fields exact', 'fields'),
    ...row('totals exact', 'total'),
    ...row('rows exact', 'rows'),
    ...row('kind', 'kind'),
    ...row('verdict', 'verdict'),
    ...row('wrong totals passed', 'wrongPass'),
    ...row('p50', 'p50', 's'),
    ...row('p95', 'p95', 's'),
  ];
}

/** Ours ends with a verdict; a peer's time is for the text alone. */
function readingRows(
  outcomes: readonly Outcome[],
  peers: ReadonlyMap<string, readonly PeerPicture[]>,
): Row[] {
  const groups = ['all', ...DEGREES] as const;
  return [...peers].flatMap(([name, pictures]) =>
    groups.flatMap((group) => {
      const ours = readingSample(outcomes.filter(({ entry }) => group === 'all' || entry.degree === group));
      const theirs = readingSample(pictures.filter(({ degree }) => group === 'all' || degree === group));
      const row = (metric: string, key: string, better: 'higher' | 'lower', unit = ''): Row =>
        toRow({
          metric: `${group}: reading, ${metric}`,
          unit,
          better,
          key,
          ours: [ours],
          peer: { name, samples: [theirs satisfies Sample] },
        });
      return Number.isNaN(theirs['recall'])
        ? []
        : [
            row('values found', 'recall', 'higher'),
            row('character errors', 'cer', 'lower'),
            row('p50', 'p50', 'lower', 's'),
          ];
    }),
  );
}
