import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Batcher, type WorkerEvent } from '@trivium/serving';
import { type Attachment, OnnxModel, type OnnxModelOptions, type Work } from '../dist/index.js';
import type { StepOptions, StepResult, StepTask } from './steps.program.ts';

const PROGRAM = new URL('steps.program.ts', import.meta.url).href;
const untraced = { trace: {} };
const signal = new AbortController().signal;

let folder: string;
let stack: AsyncDisposableStack;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), 'onnx-'));
  stack.defer(() => rm(folder, { recursive: true }));
});

afterEach(() => stack.disposeAsync());

function model(
  options: StepOptions = {},
  changes: Partial<OnnxModelOptions<StepTask>> = {},
): OnnxModel<StepTask, StepResult> {
  return stack.use(
    new OnnxModel<StepTask, StepResult>({
      modelId: 'steps',
      service: 'steps-service',
      variant: 'fp32',
      program: PROGRAM,
      options,
      limits: { maxBatchItems: 4, maxBatchCost: 100, costUnit: 'items' },
      costOf: () => 1,
      bucketOf: () => 'one',
      workers: 1,
      ...changes,
    }),
  );
}

const echo = (text: string): Work<StepTask> => ({ task: { step: 'echo', text }, ...untraced });

/** Resolves with the content of a file once somebody has written it. */
async function written(path: string): Promise<string> {
  const changes = watch(folder);
  try {
    for (;;) {
      const changed = once(changes, 'change'); // before the look, so that no change falls between
      const content = await readFile(path, 'utf8').catch(() => '');
      if (content !== '') return content;
      await changed;
    }
  } finally {
    changes.close();
  }
}

describe('a model in worker processes', () => {
  it('answers in the order of the batch, from a process of its own', async () => {
    const steps = model();
    await steps.start();

    const results = await steps.doRun([echo('a'), echo('b')], signal);

    expect(results.map(({ text }) => text)).toEqual(['a', 'b']);
    expect(results[0]?.pid).not.toBe(process.pid);
  });

  it('passes a refusal on with its code and param, and any other error with its name', async () => {
    const steps = model();
    await steps.start();

    const refused = steps.doRun([{ task: { step: 'refuse', param: 'image' }, ...untraced }], signal);
    await expect(refused).rejects.toMatchObject({ code: 'unsupported_media', param: 'image' });
    const failed = steps.doRun([{ task: { step: 'fail', message: 'oh' }, ...untraced }], signal);
    await expect(failed).rejects.toMatchObject({ name: 'TypeError', message: 'oh' });

    expect((await steps.doRun([echo('still here')], signal))[0]?.text).toBe('still here');
  });

  it('sends an attachment once to each worker, and forgets it when it is released', async () => {
    const steps = model();
    await steps.start();
    let reads = 0;
    const page: Attachment = {
      id: 'page',
      get bytes() {
        reads += 1;
        return new TextEncoder().encode('pixels');
      },
    };
    const task: Work<StepTask> = {
      task: { step: 'attached', attachment: 'page' },
      ...untraced,
      attachment: page,
    };

    expect((await steps.doRun([task, task], signal)).map(({ text }) => text)).toEqual(['pixels', 'pixels']);
    expect((await steps.doRun([task], signal))[0]?.text).toBe('pixels');
    expect(reads).toBe(1);

    steps.release('page');
    const released = await steps.doRun([{ task: { step: 'released' }, ...untraced }], signal);
    expect(released[0]?.text).toBe('page');
    const gone = steps.doRun([{ task: { step: 'attached', attachment: 'page' }, ...untraced }], signal);
    await expect(gone).rejects.toThrow('No attachment page');
  });

  it('finishes a request whose worker is killed in the middle of it', async () => {
    const gate = join(folder, 'gate');
    const events: WorkerEvent['type'][] = [];
    const steps = model({ gate }, { workers: 2, onWorker: ({ type }) => events.push(type) });
    await steps.start();
    const batcher = new Batcher(steps, { maxWaiting: 10 });
    const held = batcher.run({ task: { step: 'hold' }, ...untraced });
    const outcome = expect(held).rejects.toMatchObject({ code: 'internal' });

    const first = Number(await written(gate));
    await rm(gate);
    process.kill(first, 'SIGKILL');
    const second = Number(await written(gate)); // it runs again, in another process
    expect(second).not.toBe(first);
    const echoed = batcher.run(echo('a neighbour'));
    process.kill(second, 'SIGKILL');

    await outcome; // twice is enough
    expect((await echoed).output.text).toBe('a neighbour');
    expect(events.filter((type) => type === 'lost')).toHaveLength(2);
  });

  it('says that a model is not available when a file is missing or is another', async () => {
    const path = join(folder, 'model.onnx');
    const missing = model({ file: { path, sha256: '' } });
    await expect(missing.start()).rejects.toMatchObject({ code: 'model_not_available' });
    expect(missing.ready).toBe(false);

    await writeFile(path, 'weights');
    const sha256 = createHash('sha256').update('weights').digest('hex');
    await expect(model({ file: { path, sha256: sha256.replace(/./u, 'x') } }).start()).rejects.toMatchObject({
      code: 'model_not_available',
    });

    const good = model({ file: { path, sha256 } });
    await good.start();
    expect(good.ready).toBe(true);
  });

  it('leaves no worker behind when the parent is killed', async () => {
    const parent = fork(new URL('parent-process.ts', import.meta.url), [PROGRAM]);
    const [worker] = (await once(parent, 'message')) as [number];
    const gone = ended(worker);

    parent.kill('SIGKILL');

    await gone;
    expect(() => process.kill(worker, 0)).toThrow('ESRCH');
  });
});

/** Resolves when a process that is not our child is no more. */
async function ended(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
      await new Promise((resolve) => setTimeout(resolve, 20)); // nobody tells a stranger that a process ended
    } catch {
      return;
    }
  }
}
