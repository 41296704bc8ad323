import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sampleUrl, startTestHouse, type TestHouse } from '../src/index.js';

let trivium: TestHouse;
beforeAll(async () => {
  trivium = await startTestHouse();
});
afterAll(() => trivium[Symbol.asyncDispose]());

const hello = (): ReturnType<TestHouse['client']['chat']['completions']['create']> =>
  trivium.client.chat.completions.create({ model: 'trivium', messages: [{ role: 'user', content: '你好' }] });
const ready = async (): Promise<number> => (await fetch(`${trivium.url}/health/ready`)).status;

/** Asks until the answer is as wanted, for at most a minute. */
async function eventually(wanted: () => Promise<boolean>): Promise<void> {
  const limit = performance.now() + 60_000;
  while (!(await wanted().catch(() => false))) {
    if (performance.now() > limit) throw new Error(`Still not so after a minute: ${String(wanted)}`);
    await delay(100);
  }
}

it('starts a killed service again and says so', async () => {
  const before = trivium.house.pid('router');
  trivium.house.kill('router', 'SIGKILL');

  await eventually(async () => trivium.reports.includes('router is back'));
  expect(trivium.house.pid('router')).not.toBe(before);
  expect(trivium.reports.some((line) => line.startsWith('router stopped (SIGKILL)'))).toBe(true);
  await hello();
});

it('answers a photo although the worker that reads it is killed', async () => {
  const url = await sampleUrl('invoices/invoice-03.jpg', 'image/jpeg');
  const { processesWith } = await import('../src/index.js');
  const asked = trivium.client.chat.completions.create({
    model: 'trivium',
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: '价税合计？' },
          { type: 'image_url', image_url: { url } },
        ],
      },
    ],
  });
  const service = trivium.house.pid('vision-inference');
  const workers = (await processesWith(`TRIVIUM_HOME=${trivium.home}`)).filter((pid) => pid !== service);
  expect(workers.length).toBeGreaterThan(0);
  const visionWorkers = await Promise.all(
    workers.map(async (pid) => ((await parentOf(pid)) === service ? [pid] : [])),
  );
  for (const pid of visionWorkers.flat().slice(0, 1)) process.kill(pid, 'SIGKILL');

  expect((await asked).choices[0]?.message.content).toContain('价税合计');
});

async function parentOf(pid: number): Promise<number | undefined> {
  const { readFile } = await import('node:fs/promises');
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const parent = /^PPid:\s+(\d+)/m.exec(status)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

it('with PostgreSQL away answers stateless chat and refuses stateful calls with 503', async () => {
  const postgres = trivium.house.servers.postgres;
  await postgres?.kill();

  await expect(trivium.client.conversations.create({})).rejects.toMatchObject({ status: 503 });
  await hello();
  await eventually(async () => (await trivium.client.conversations.create({})).id !== '');
});

it('with NATS away is not ready, answers 503, and recovers by itself', async () => {
  await trivium.house.servers.nats?.kill();

  await eventually(async () => (await ready()) === 503);
  await expect(hello()).rejects.toMatchObject({ status: 503 });
  await eventually(async () => (await ready()) === 200);
  await eventually(async () => (await hello()) !== undefined);
});
