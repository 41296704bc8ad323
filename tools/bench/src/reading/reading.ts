import type { Benchmark, BenchmarkOptions, Row } from '../harness/benchmark.js';
import { median, quantile, runRounds, type Sample, toRow } from '../harness/rounds.js';
import { peerReader, type Reader, triviumReader } from './readers.js';
import { loadPhotos, type Photo } from './sample-set.js';
import { addScores, NOTHING, scorePage } from './score.js';

const OURS = 'trivium';
const PEERS = ['@gutenye/ocr-node', 'ppu-paddle-ocr'] as const;
const CONCURRENT = 8;
/** Of the better peer's pages per second at eight concurrent. */
const THROUGHPUT_GOAL = 2;
const MEDIAN_GOAL_MS = 350;
const SPLITS = ['clean', 'mild', 'hard'] as const;

type Samples = Readonly<Record<string, readonly Sample[]>>;

export const reading: Benchmark = {
  name: 'reading',
  description: 'Text spotting of invoice photos against OCR packages that run the same ONNX files',
  async run(options) {
    const photos = await loadPhotos();
    await using stack = new AsyncDisposableStack();
    const readers = new Map<string, Reader>();
    for (const peer of PEERS) readers.set(peer, stack.use(await peerReader(peer)));
    readers.set(OURS, stack.use(await triviumReader()));

    const quality = await readAll(readers, photos, options);
    const alone = await runRounds(contenders(readers, photos, 1), options);
    const together = await runRounds(contenders(readers, photos, CONCURRENT), options);
    return [...speedRows(alone, 1), ...speedRows(together, CONCURRENT), ...qualityRows(quality)];
  },
};

/** One pass that warms every reader and says what it reads; quality does not change between rounds. */
async function readAll(
  readers: ReadonlyMap<string, Reader>,
  photos: readonly Photo[],
  { progress }: BenchmarkOptions,
): Promise<Samples> {
  const samples: Record<string, Sample[]> = {};
  for (const [name, reader] of readers) {
    progress(`quality: ${name}`);
    const sample: Record<string, number> = {};
    let total = NOTHING;
    for (const split of SPLITS) {
      let score = NOTHING;
      for (const photo of photos.filter((one) => one.split === split)) {
        score = addScores(score, scorePage(await reader.read(photo.path), photo.printed));
      }
      sample[split] = score.found / score.values;
      total = addScores(total, score);
    }
    sample['all'] = total.found / total.values;
    sample['errors'] = total.edits / total.characters;
    samples[name] = [sample];
  }
  return samples;
}

function contenders(
  readers: ReadonlyMap<string, Reader>,
  photos: readonly Photo[],
  concurrent: number,
): Record<string, () => Promise<Sample>> {
  const entries = [...readers].map(
    ([name, reader]) => [name, () => measure(reader, photos, concurrent)] as const,
  );
  return Object.fromEntries(entries);
}

/** Each photo once, so many of them under way at a time. */
async function measure(reader: Reader, photos: readonly Photo[], concurrent: number): Promise<Sample> {
  const queue = [...photos];
  const latencies: number[] = [];
  const startedAt = performance.now();
  const client = async (): Promise<void> => {
    for (let photo = queue.shift(); photo !== undefined; photo = queue.shift()) {
      const sentAt = performance.now();
      await reader.read(photo.path);
      latencies.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: concurrent }, client));
  return {
    rate: (photos.length / (performance.now() - startedAt)) * 1000,
    p50: quantile(latencies, 0.5),
    p95: quantile(latencies, 0.95),
  };
}

function speedRows(samples: Samples, concurrent: number): Row[] {
  const rate = (name: string): number => median((samples[name] ?? []).map(({ rate: value = 0 }) => value));
  const better = PEERS.reduce((best, peer) => (rate(peer) > rate(best) ? peer : best));
  const ours = samples[OURS] ?? [];
  const suffix = `${concurrent} concurrent`;
  return [
    ...PEERS.map((peer) =>
      toRow({
        metric: `pages, ${suffix}`,
        unit: '1/s',
        better: 'higher',
        key: 'rate',
        ours,
        peer: { name: peer, samples: samples[peer] ?? [] },
        ...(concurrent > 1 && peer === better ? { goal: THROUGHPUT_GOAL } : {}),
      }),
    ),
    ...(concurrent === 1
      ? [
          toRow({
            metric: 'page p50 alone',
            unit: 'ms',
            better: 'lower',
            key: 'p50',
            ours,
            goal: MEDIAN_GOAL_MS,
          }),
        ]
      : []),
    ...['p50', 'p95'].map((key) =>
      toRow({
        metric: `page ${key}, ${suffix}`,
        unit: 'ms',
        better: 'lower',
        key,
        ours,
        peer: { name: better, samples: samples[better] ?? [] },
      }),
    ),
  ];
}

function qualityRows(samples: Samples): Row[] {
  const ours = samples[OURS] ?? [];
  return PEERS.flatMap((peer) => {
    const against = { name: peer, samples: samples[peer] ?? [] };
    const recall = ['all', ...SPLITS].map((key) =>
      toRow({
        metric: `exact-field recall, ${key}`,
        unit: '',
        better: 'higher',
        key,
        ours,
        peer: against,
        ...(key === 'all' ? { goal: 1 } : {}),
      }),
    );
    const errors = toRow({
      metric: 'character errors',
      unit: '',
      better: 'lower',
      key: 'errors',
      ours,
      peer: against,
    });
    return [...recall, errors];
  });
}
