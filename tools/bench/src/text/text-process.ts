import { setTimeout } from 'node:timers/promises';
import { residentMemory } from '../serving/processes.js';
import { openLlama } from './llama-text.js';
import type { Answer, EngineName, Opening, Order, Outcome, Prompt, TextEngine, Written } from './protocol.js';
import { openTransformers } from './transformers-text.js';
import { openTrivium } from './trivium-text.js';

const OPEN: Readonly<Record<EngineName, (opening: Opening) => Promise<TextEngine>>> = {
  trivium: openTrivium,
  '@huggingface/transformers': openTransformers,
  'node-llama-cpp': openLlama,
};

const opening = JSON.parse(process.argv[2] ?? '') as Opening;
const engine = await OPEN[opening.engine](opening);

function tell(answer: Answer): void {
  process.send?.(answer);
}

async function carryOut(order: Order): Promise<Outcome> {
  const startedAt = performance.now();
  let residentBytes: Promise<number> | undefined;
  const onToken = (prompt: number, token: number): void => {
    const isLast = prompt === order.prompts.length - 1;
    if (order.memory === true && isLast && token === Math.ceil(order.newTokens / 2)) {
      residentBytes ??= residentMemory(process.pid);
    }
  };
  const written =
    engine.kind === 'batches'
      ? await writeBatch(order, onToken)
      : await Promise.all(order.prompts.map((prompt, index) => writeOne(prompt, index, order, onToken)));
  const wallMs = performance.now() - startedAt;
  const resident = await residentBytes;
  return { written, wallMs, ...(resident === undefined ? {} : { residentBytes: resident }) };
}

type OnToken = (prompt: number, token: number) => void;

async function writeBatch({ prompts, newTokens }: Order, onToken: OnToken): Promise<Written[]> {
  const startedAt = performance.now();
  const times = prompts.map((): number[] => []);
  await engine.write(
    prompts.map(({ ids }) => ids),
    newTokens,
    (index) => {
      const count = times[index]?.push(performance.now() - startedAt);
      onToken(index, count ?? 0);
    },
  );
  return times.map((atMs) => ({ atMs, abandoned: false }));
}

async function writeOne(
  { ids, startMs, patienceMs, shownAfter }: Prompt,
  index: number,
  { newTokens }: Order,
  onToken: OnToken,
): Promise<Written> {
  if (startMs !== undefined) await setTimeout(startMs);
  const startedAt = performance.now();
  const atMs: number[] = [];
  const left = new AbortController();
  const timer = new AbortController();
  if (patienceMs !== undefined) {
    void setTimeout(patienceMs, undefined, { signal: timer.signal }).then(
      () => left.abort(),
      () => undefined,
    );
  }
  try {
    await engine.write(
      Array.from({ length: 1 }, () => ids),
      newTokens,
      () => {
        const count = atMs.push(performance.now() - startedAt);
        if (count === (shownAfter ?? newTokens)) timer.abort();
        onToken(index, count);
      },
      left.signal,
    );
  } catch (error) {
    if (!left.signal.aborted) throw error;
  } finally {
    timer.abort();
  }
  return { atMs, abandoned: left.signal.aborted };
}

process.on('message', (order: Order) => {
  carryOut(order).then(
    (outcome) => tell({ type: 'outcome', outcome }),
    (error: unknown) => tell({ type: 'failed', message: String(error) }),
  );
});
process.on('disconnect', () => {
  void engine[Symbol.asyncDispose]().then(() => process.exit());
});
tell({ type: 'ready' });
