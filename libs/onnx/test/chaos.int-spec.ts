import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelManifest } from '@trivium/contracts/model-manifest';
import { Batcher, Quarantine, type WorkerEvent } from '@trivium/serving';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { OnnxModel, openTensorModel, type TensorModel, type TensorTask, type Work } from '../dist/index.js';
import { addModel } from '../dist/synthesis/synthesis.js';

const WORKERS = 2;
const CALLERS = 8;
const READY_WITHIN_MS = 10_000;
const LEAK = new URL('leak.program.ts', import.meta.url).href;

let folder: string;
let stack: AsyncDisposableStack;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), 'trivium-chaos-'));
  stack.defer(() => rm(folder, { recursive: true }));
});
afterEach(() => stack.disposeAsync());

/** What the pool reports, to be awaited instead of slept for. */
class WorkerEvents {
  readonly seen: WorkerEvent[] = [];
  readonly #emitter = new EventEmitter();

  readonly note = (event: WorkerEvent): void => {
    this.seen.push(event);
    this.#emitter.emit('event', event);
  };

  /** Resolves once there were so many of this type in all. */
  async reached(type: WorkerEvent['type'], count: number): Promise<void> {
    const signal = AbortSignal.timeout(READY_WITHIN_MS);
    while (this.count(type) < count) await once(this.#emitter, 'event', { signal });
  }

  count(type: WorkerEvent['type']): number {
    return this.seen.filter((event) => event.type === type).length;
  }
}

async function adder(events: WorkerEvents, quarantine = new Quarantine()): Promise<TensorModel> {
  const { bytes, manifest } = addModel();
  const path = join(folder, 'add.onnx');
  await writeFile(path, bytes);
  return stack.use(
    openTensorModel({
      modelId: 'add',
      version: '1',
      variant: 'fp32',
      manifest: ModelManifest.parse({ ...manifest, id: 'add', licence: 'Apache-2.0', hang_after_ms: 500 }),
      file: { path, sha256: createHash('sha256').update(bytes).digest('hex') },
      group: { kind: 'KIND_CPU', threads: 1, count: WORKERS },
      service: 'chaos-test',
      onWorker: events.note,
      quarantine,
    }),
  );
}

function sum(value: number): Work<TensorTask> {
  const data = new Uint8Array(Float32Array.of(value, value, value, value).buffer);
  const side = { datatype: 'FP32', shape: [1, 4], data } as const;
  return {
    task: {
      inputs: [
        { name: 'a', ...side },
        { name: 'b', ...side },
      ],
    },
    trace: {},
  };
}

/** Callers that ask again as soon as they are answered, until the chaos is over; the answers they got. */
async function underLoad<Result>(
  ask: (value: number) => Promise<Result>,
  chaos: () => Promise<void>,
): Promise<readonly { readonly value: number; readonly result: Result }[]> {
  const answers: { value: number; result: Result }[] = [];
  let over = false;
  const callers = Array.from({ length: CALLERS }, async (_, caller) => {
    for (let round = 0; !over; round += 1) {
      const value = caller * 1_000 + (round % 1_000);
      answers.push({ value, result: await ask(value) });
    }
  });
  const ended = Promise.all(callers); // a caller that fails ends the test
  await Promise.race([chaos(), ended]);
  over = true;
  await ended;
  return answers;
}

it.each(['SIGKILL', 'SIGSEGV', 'SIGABRT', 'SIGSTOP'] as const)(
  'answers every request while workers end by %s, first one and then all at once',
  async (how) => {
    const events = new WorkerEvents();
    const model = await adder(events);
    await model.start();
    await using batcher = new Batcher(model, { maxWaiting: 100 });

    const answers = await underLoad(
      async (value) => (await batcher.run(sum(value))).output.outputs[0]?.data,
      async () => {
        const [first] = model.workerPids;
        if (first !== undefined) process.kill(first, how);
        await events.reached('lost', 1);
        await events.reached('ready', WORKERS + 1);
        for (const pid of model.workerPids) process.kill(pid, how);
        await events.reached('lost', 1 + WORKERS);
        await events.reached('ready', 1 + 2 * WORKERS);
      },
    );

    expect(answers.length).toBeGreaterThan(CALLERS);
    for (const { value, result } of answers) {
      expect(new Float32Array(Uint8Array.from(result ?? []).buffer)[3]).toBe(2 * value);
    }
    expect(model.ready).toBe(true);
    expect(events.seen.find(({ type }) => type === 'lost')?.detail).toMatch(
      how === 'SIGSTOP' ? /^SIGKILL/u : new RegExp(`^${how}`, 'u'),
    );
  },
  60_000,
);

it('answers every request while its workers leak past their budget', async () => {
  const events = new WorkerEvents();
  const model = stack.use(
    new OnnxModel<string, number>({
      modelId: 'leak',
      service: 'chaos-test',
      variant: 'fp32',
      program: LEAK,
      options: { bytes: 4 * 1024 ** 2 },
      limits: { maxBatchItems: 4, maxBatchCost: 4, costUnit: 'items' },
      costOf: () => 1,
      bucketOf: () => '',
      workers: WORKERS,
      maxWorkerMemoryBytes: 400 * 1024 ** 2,
      onWorker: events.note,
    }),
  );
  await model.start();
  await using batcher = new Batcher(model, { maxWaiting: 100 });

  const answers = await underLoad(
    async () => (await batcher.run({ task: '', trace: {} })).output,
    async () => {
      await events.reached('recycled', WORKERS);
      await events.reached('ready', 2 * WORKERS);
    },
  );

  expect(new Set(answers.map(({ result }) => result)).size).toBeGreaterThan(WORKERS);
  expect(events.count('lost')).toBe(0);
}, 60_000);

it('quarantines a file whose workers die while they load, until it is cleared', async () => {
  const events = new WorkerEvents();
  const quarantine = new Quarantine();
  const model = await adder(events, quarantine);
  const started = expect(model.start()).rejects.toMatchObject({
    code: 'model_not_available',
    message: expect.stringContaining('SIGSEGV') as unknown,
  });
  for (const pid of model.workerPids) process.kill(pid, 'SIGSEGV');
  await started;
  await events.reached('failed-to-start', WORKERS);

  const again = await adder(events, quarantine);
  await expect(again.start()).rejects.toMatchObject({
    code: 'model_not_available',
    message: expect.stringContaining('add is quarantined') as unknown,
  });
  const [hash = ''] = [createHash('sha256').update(addModel().bytes).digest('hex')];
  quarantine.clear(hash);
  const cleared = await adder(events, quarantine);
  await cleared.start();
  expect(cleared.ready).toBe(true);
}, 60_000);

it('quarantines a file that loads and whose workers end without an answer between', async () => {
  const events = new WorkerEvents();
  const model = await adder(events);
  await model.start();
  for (let ends = 0; ends < 2 * WORKERS; ends += 1) {
    const [pid] = model.workerPids;
    if (pid !== undefined) process.kill(pid, 'SIGSEGV');
    await events.reached('lost', ends + 1);
    if (ends < 2 * WORKERS - 1) await events.reached('ready', WORKERS + ends + 1);
  }
  await events.reached('failed-to-start', 1);

  const refusal = events.seen.find(({ type }) => type === 'failed-to-start')?.detail;
  expect(refusal).toContain('add is quarantined');
  expect(refusal).toContain('SIGSEGV (invalid memory access)');
  const [answer] = await model.doRun([sum(3)], new AbortController().signal); // the other worker still serves
  expect(answer?.outputs).toHaveLength(1);
}, 60_000);
