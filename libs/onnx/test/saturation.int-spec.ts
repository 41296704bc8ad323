import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelManifest } from '@trivium/contracts/model-manifest';
import type { Tensor } from '@trivium/contracts/tensor';
import { Batcher } from '@trivium/serving';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTensorModel, type TensorModel } from '../dist/index.js';
import { identityModel, slowModel, type SyntheticModel } from '../dist/synthesis/synthesis.js';

const WORKERS = 2;
const SIDE = 128;

let folder: string;
let stack: AsyncDisposableStack;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), 'trivium-saturation-'));
  stack.defer(() => rm(folder, { recursive: true }));
});
afterEach(() => stack.disposeAsync());

async function start({ bytes, manifest }: SyntheticModel): Promise<TensorModel> {
  const path = join(folder, 'model.onnx');
  await writeFile(path, bytes);
  const model = openTensorModel({
    modelId: 'under-load',
    version: '1',
    variant: 'fp32',
    manifest: ModelManifest.parse(manifest),
    file: { path, sha256: createHash('sha256').update(bytes).digest('hex') },
    group: { kind: 'KIND_CPU', threads: 1, count: WORKERS },
    service: 'saturation-test',
  });
  await model.start();
  return model;
}

/** Some thirty milliseconds of work. */
function slowTask(): Tensor[] {
  const x = new Uint8Array(new Float32Array(SIDE * SIDE).fill(0.1).buffer);
  const rounds = new Uint8Array(BigInt64Array.of(1_000n).buffer);
  return [
    { name: 'x', datatype: 'FP32', shape: [SIDE, SIDE], data: x },
    { name: 'rounds', datatype: 'INT64', shape: [], data: rounds },
  ];
}

it('leaves the processor to its workers while all of them are busy', async () => {
  const model = await start(slowModel());
  await using batcher = new Batcher(model, { maxWaiting: 100 });
  const ask = () => batcher.run({ task: { inputs: slowTask() }, trace: {} });
  await ask();
  const workers = await cpuTicks(model.workerPids);
  const own = process.cpuUsage();

  await Promise.all(Array.from({ length: 40 }, ask));

  const { user, system } = process.cpuUsage(own);
  const theirs = ((await cpuTicks(model.workerPids)) - workers) * MICROSECONDS_PER_TICK;
  expect(theirs).toBeGreaterThan(0);
  expect(user + system).toBeLessThan(theirs / 5);
});

it('carries tensors of many megabytes there and back, several at a time', async () => {
  const model = await start(identityModel());
  await using batcher = new Batcher(model, { maxWaiting: 100 });
  const tensors = [4, 5, 6].map((count): Tensor => {
    const elements = count * 1024 ** 2;
    const values = Float32Array.from({ length: elements }, (_, index) => index + count);
    return { name: 'x', datatype: 'FP32', shape: [1, elements], data: new Uint8Array(values.buffer) };
  });

  const answers = await Promise.all(tensors.map((x) => batcher.run({ task: { inputs: [x] }, trace: {} })));

  answers.forEach(({ output: { outputs } }, index) => {
    expect(outputs.map(({ shape }) => shape)).toEqual([tensors[index]?.shape]);
    expect(Buffer.compare(outputs[0]?.data ?? Buffer.alloc(0), tensors[index]?.data ?? Buffer.alloc(0))).toBe(
      0,
    );
  });
});

/** USER_HZ is 100 on every Linux architecture that Node.js runs on: proc(5). */
const MICROSECONDS_PER_TICK = 10_000;

/** Processor time that the processes have taken so far; unlike waiting, it does not depend on the machine's load. */
async function cpuTicks(pids: readonly number[]): Promise<number> {
  const ticks = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(fields[11]) + Number(fields[12]); // utime, stime: proc(5)
    }),
  );
  return ticks.reduce((sum, one) => sum + one, 0);
}
