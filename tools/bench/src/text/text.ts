import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMOLLM2_135M } from '@trivium/onnx/synthesis';
import type { Benchmark, BenchmarkOptions, Row } from '../harness/benchmark.js';
import { runRounds, toRow } from '../harness/rounds.js';
import { installPeers } from '../serving/peer-packages.js';
import { writeDecoder } from './decoder-folder.js';
import { startEmbeddings } from './embeddings.js';
import {
  CONCURRENCIES,
  generate,
  generationRows,
  Prompts,
  readerRows,
  repeat,
  repeatRows,
  serveReaders,
} from './generation.js';
import type { EngineName } from './protocol.js';
import { TextContender } from './text-contender.js';

const PEERS = ['@huggingface/transformers', 'node-llama-cpp'] as const;

export const text: Benchmark = {
  name: 'text',
  description: 'Generation of a 135M decoder in int8 beside other engines, and embeddings over HTTP',
  defaultRounds: 3,
  async run(options) {
    const folder = await mkdtemp(join(tmpdir(), 'trivium-bench-text-'));
    try {
      return [
        ...(await generation(join(folder, 'decoder'), options)),
        ...(await embeddings(join(folder, 'models'), options)),
      ];
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function generation(folder: string, options: BenchmarkOptions): Promise<Row[]> {
  const { progress } = options;
  progress('making the decoder');
  const files = await writeDecoder(folder, SMOLLM2_135M);
  const peers = await installPeers(progress).catch((error: unknown) => {
    progress(`without peers: ${String(error)}`);
    return undefined;
  });
  const opening = {
    folder,
    files,
    peers,
    concurrent: Math.max(...CONCURRENCIES),
    threads: availableParallelism(),
  };
  await using stack = new AsyncDisposableStack();
  const ours = stack.use(await TextContender.start({ ...opening, engine: 'trivium' }));
  const contenders: TextContender[] = [ours];
  for (const engine of peers === undefined ? [] : PEERS) {
    const started = await start({ ...opening, engine }, progress);
    if (started !== undefined) contenders.push(stack.use(started));
  }
  const prompts = new Prompts();
  for (const contender of contenders) await contender.write({ prompts: prompts.many(1), newTokens: 2 });
  const written = await runRounds(
    Object.fromEntries(contenders.map((one) => [one.name, () => generate(one, prompts)])),
    options,
  );
  const read = await runRounds(
    {
      'repeated prompt': () => repeat(ours, prompts),
      streamed: () => serveReaders(ours, prompts, true),
      buffered: () => serveReaders(ours, prompts, false),
    },
    options,
  );
  return [
    ...generationRows(written, ours.name),
    ...repeatRows(read['repeated prompt']),
    ...readerRows(read.streamed, read.buffered),
  ];
}

/** Undefined where the engine cannot run here. */
async function start(
  opening: Parameters<typeof TextContender.start>[0] & { readonly engine: EngineName },
  progress: (text: string) => void,
): Promise<TextContender | undefined> {
  return TextContender.start(opening).catch((error: unknown) => {
    progress(`without ${opening.engine}: ${String(error)}`);
    return undefined;
  });
}

async function embeddings(folder: string, options: BenchmarkOptions): Promise<Row[]> {
  await using house = await startEmbeddings(folder);
  const { http } = await runRounds({ http: () => house.measure() }, options);
  return [
    toRow({
      metric: 'embeddings over HTTP, 32 clients',
      unit: '1/s',
      better: 'higher',
      key: 'rate',
      ours: http,
    }),
    toRow({ metric: 'embeddings p99, 32 clients', unit: 'ms', better: 'lower', key: 'p99', ours: http }),
  ];
}
