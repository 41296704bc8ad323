import { hash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createKey } from '@trivium/contracts/session';
import { connectMessaging } from '@trivium/messaging';
import { addModel, denseClassifier, encoderModel, truncatedModel } from '@trivium/onnx/synthesis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  childrenOf,
  eventually,
  inferBinary,
  inferGrpc,
  inferJson,
  type InferAnswer,
  type JsonTensor,
  startTestHouse,
  type TestHouse,
  trivium,
  v2,
  writeModel,
} from '../src/index.js';

let house: TestHouse;
beforeAll(async () => {
  house = await startTestHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const tokens: readonly JsonTensor[] = [
  { name: 'input_ids', datatype: 'INT64', shape: [1, 5], data: [3, 14, 15, 9, 2] },
  { name: 'attention_mask', datatype: 'INT64', shape: [1, 5], data: [1, 1, 1, 1, 1] },
];
const features = (first = 0): readonly JsonTensor[] => [
  {
    name: 'features',
    datatype: 'FP32',
    shape: [1, 16],
    data: Array.from({ length: 16 }, (_, index) => Math.fround(Math.sin(first + index))),
  },
];
const terms = (a: number): readonly JsonTensor[] => [
  { name: 'a', datatype: 'FP32', shape: [1, 4], data: [a, a, a, a] },
  { name: 'b', datatype: 'FP32', shape: [1, 4], data: [1, 2, 3, 4] },
];

/** Adds a model and expects that it worked. */
async function add(folder: string): Promise<void> {
  await told('add', folder);
}

/** What a command says that is expected to work. */
async function told(...words: string[]): Promise<string> {
  const { code, out, err } = await trivium(house, ...words);
  expect(code, err).toBe(0);
  return out;
}

/** Four clients ask without a pause until the work is done; all of their answers. */
async function underLoad(
  ask: (request: number) => Promise<InferAnswer>,
  work: () => Promise<void>,
): Promise<InferAnswer[]> {
  const answers: InferAnswer[] = [];
  let over = false;
  const clients = Array.from({ length: 4 }, async () => {
    while (!over) answers.push(await ask(answers.length));
  });
  try {
    await eventually(async () => answers.length > 8);
    await work();
    const before = answers.length;
    await eventually(async () => answers.length > before + 8);
  } finally {
    over = true;
    await Promise.all(clients);
  }
  return answers;
}

const failuresIn = (answers: readonly InferAnswer[]) =>
  answers.flatMap(({ status, error }) => (status === 200 ? [] : [`${status} ${error}`]));
const versionsIn = (answers: readonly InferAnswer[]) => new Set(answers.map(({ version }) => version));

it('serves a model from the command line over JSON, raw tensors and gRPC, and as int8', async () => {
  await add(await writeModel(house.home, 'words', encoderModel()));

  const metadata = await (await v2(house, '/models/words')).json();
  expect(metadata).toMatchObject({
    name: 'words',
    versions: ['1'],
    inputs: [{ name: 'input_ids', datatype: 'INT64', shape: [-1, -1] }, { name: 'attention_mask' }],
  });
  const answer = await inferJson(house, 'words', tokens);
  expect(answer).toMatchObject({ status: 200, version: '1', variant: 'fp32' });
  expect(answer.data).toHaveLength(32);
  expect((await v2(house, '/models/words/ready')).status).toBe(200);
  expect(await inferBinary(house, 'words', tokens)).toEqual(answer.data);
  expect(await inferGrpc(house, 'words', tokens)).toEqual(answer.data);

  expect(await told('quantize', 'words', '--variant', 'int8')).toContain('version 2');
  const smaller = await inferJson(house, 'words@int8', tokens);
  expect(smaller).toMatchObject({ status: 200, version: '2', variant: 'int8' });
  expect(cosine(smaller.data, answer.data)).toBeGreaterThan(0.99);
  expect(smaller.data).not.toEqual(answer.data);

  const index = (await (await v2(house, '/repository/index', {})).json()) as { name: string }[];
  expect(index.filter(({ name }) => name === 'words')).toMatchObject([{ version: '1' }, { version: '2' }]);
  const { model_stats: statistics } = (await (await v2(house, '/models/words/stats')).json()) as {
    model_stats: { version: string; inference_count: number }[];
  };
  expect(statistics).toMatchObject([
    { version: '1', inference_count: 3 },
    { version: '2', inference_count: 1 },
  ]);
});

it('says which input does not suit the model', async () => {
  await add(await writeModel(house.home, 'picky', encoderModel()));
  const long = tokens.map((tensor) => ({ ...tensor, shape: [1, 100], data: Array<number>(100).fill(1) }));

  expect(await inferJson(house, 'picky', long)).toMatchObject({
    status: 400,
    error: expect.stringContaining('picky does not run on these inputs'),
  });
  expect(await inferJson(house, 'picky', tokens.slice(1))).toMatchObject({
    status: 400,
    error: expect.stringContaining('input_ids'),
  });
  expect(await inferJson(house, 'picky', tokens)).toMatchObject({ status: 200 });
});

it('refuses a broken version with its reason and goes on with the old one', async () => {
  const folder = await writeModel(house.home, 'broken', denseClassifier());
  await add(folder);
  const before = await inferJson(house, 'broken', features());
  await writeFile(join(folder, 'model.onnx'), truncatedModel());

  const truncated = await trivium(house, 'add', folder);
  await writeFile(join(folder, 'model.onnx'), 'not a model at all');
  const nonsense = await trivium(house, 'add', folder);
  await writeFile(join(folder, 'model.onnx'), addModel().bytes);
  const other = await trivium(house, 'add', folder);

  expect(truncated.code).not.toBe(0);
  expect(truncated.err).toContain('model.onnx: The model');
  expect(nonsense.code).not.toBe(0);
  expect(nonsense.err).toContain('model.onnx: The model');
  expect(other.code).not.toBe(0);
  expect(other.err).toContain("input 'a'");
  expect(await inferJson(house, 'broken', features())).toMatchObject({ version: '1', data: before.data });
});

it('publishes a version, unloads and loads under load: no request fails', async () => {
  await add(await writeModel(house.home, 'busy', denseClassifier({ seed: 5 })));
  await inferJson(house, 'busy', features());
  const second = await writeModel(house.home, 'busy', denseClassifier({ seed: 6 }));

  const answers = await underLoad(
    (request) => inferJson(house, 'busy', features(request)),
    async () => {
      await add(second);
      await eventually(async () => (await inferJson(house, 'busy', features())).version === '2');
      await told('unload', 'busy');
      await told('load', 'busy');
    },
  );

  expect(failuresIn(answers)).toEqual([]);
  expect(versionsIn(answers)).toEqual(new Set(['1', '2']));
});

it('unloads and loads over the protocol, and a request loads what is not there', async () => {
  await add(await writeModel(house.home, 'resting', addModel()));

  expect((await v2(house, '/repository/models/resting/load', {})).status).toBe(200);
  expect((await v2(house, '/models/resting/ready')).status).toBe(200);
  expect((await v2(house, '/repository/models/resting/unload', {})).status).toBe(200);
  expect((await v2(house, '/models/resting/ready')).status).toBe(503);
  expect(await inferJson(house, 'resting', terms(1))).toMatchObject({ status: 200, data: [2, 3, 4, 5] });
});

it('loses no request when its workers are killed one after the other', async () => {
  const workers = () => childrenOf(house.house.pid('text-inference') ?? 0);
  const others = new Set(await workers());
  await add(await writeModel(house.home, 'hardy', denseClassifier({ seed: 7 })));
  await inferJson(house, 'hardy', features());
  const own = (await workers()).filter((pid) => !others.has(pid));
  expect(own).not.toHaveLength(0);

  const answers = await underLoad(
    (request) => inferJson(house, 'hardy', features(request)),
    async () => {
      for (const pid of own) {
        const before = new Set(await workers());
        process.kill(pid, 'SIGKILL');
        await eventually(async () => (await workers()).some((one) => !before.has(one)));
      }
    },
  );

  expect(failuresIn(answers)).toEqual([]);
  expect((await workers()).some((pid) => own.includes(pid))).toBe(false);
});

it('tries a version on copies of requests and promotes it', async () => {
  const folder = await writeModel(house.home, 'tried', denseClassifier({ seed: 8 }));
  await add(folder);
  await inferJson(house, 'tried', features());
  await told('traffic', 'tried', '1=100');
  await add(folder);
  expect(await inferJson(house, 'tried', features())).toMatchObject({ version: '1' });
  const rule = ['--percent', '100', '--samples', '5', '--max-latency-ratio', '1000'];
  expect(await told('rollout', 'tried', '2', '--mode', 'shadow', ...rule)).toContain('0 of 5');

  await eventually(async () => {
    await inferJson(house, 'tried', features());
    return (await told('rollout', 'tried')).includes('promoted');
  });

  expect(await inferJson(house, 'tried', features())).toMatchObject({ version: '2' });
});

it("keeps tenants apart: no administration without the scope, no other's cached answers", async () => {
  const settings = { response_cache: { enable: true, ttl_seconds: 600 } };
  await add(await writeModel(house.home, 'cached', addModel(), settings));
  const guest = { url: house.url, apiKey: await keyOf('another-tenant') };

  const cacheOf = async (caller: Pick<TestHouse, 'url' | 'apiKey'>) =>
    (await inferJson(caller, 'cached', terms(7))).headers.get('x-cache');
  expect(await cacheOf(house)).toBe('miss');
  expect(await cacheOf(house)).toBe('hit');
  expect(await cacheOf(guest)).toBe('miss');
  expect(await cacheOf(guest)).toBe('hit');

  const listed = await fetch(`${house.url}/admin/models`, {
    headers: { authorization: `Bearer ${guest.apiKey}` },
  });
  expect(listed.status).toBe(403);
  expect((await v2(guest, '/repository/models/cached/unload', {})).status).toBe(403);
  expect(await trivium(guest, 'list')).toMatchObject({ code: 4 });
});

it('has its models again after the service was killed', async () => {
  await add(await writeModel(house.home, 'lasting', addModel()));
  await inferJson(house, 'lasting', terms(1));
  const before = house.house.pid('text-inference');
  house.house.kill('text-inference', 'SIGKILL');

  const models = await fetch(`${house.url}/v1/models`, {
    headers: { authorization: `Bearer ${house.apiKey}` },
  });
  expect(models.status).toBe(200);
  expect((await v2(house, '/models/pp-ocrv4')).status).toBe(200);
  await eventually(async () => house.reports.includes('text-inference is back'));
  expect(house.house.pid('text-inference')).not.toBe(before);
  await eventually(async () => (await inferJson(house, 'lasting', terms(2))).data[3] === 6);
});

/** A key of another tenant; over HTTP, keys are made for one's own. */
async function keyOf(tenant: string): Promise<string> {
  const key = `sk-trivium-${randomBytes(32).toString('base64url')}`;
  const servers = house.house.servers.natsUrl;
  await using messaging = await connectMessaging({ name: 'e2e', servers });
  const request = { hash: hash('sha256', key, 'hex'), tenant, name: 'guest', scopes: [] };
  await messaging.call(createKey, request, { deadline: 5_000 });
  return key;
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, index) => sum + value * (y[index] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
