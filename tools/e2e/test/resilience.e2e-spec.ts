import { afterAll, beforeAll, expect, it } from 'vitest';
import { APIError } from 'openai';
import { childrenOf, eventually, sampleUrl, startTestHouse, type TestHouse } from '../src/index.js';

let trivium: TestHouse;
beforeAll(async () => {
  trivium = await startTestHouse();
});
afterAll(() => trivium[Symbol.asyncDispose]());

const hello = (): ReturnType<TestHouse['client']['chat']['completions']['create']> =>
  trivium.client.chat.completions.create({ model: 'trivium', messages: [{ role: 'user', content: '你好' }] });
const ready = async (): Promise<number> => (await fetch(`${trivium.url}/health/ready`)).status;

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
  const workers = await childrenOf(trivium.house.pid('vision-inference') ?? 0);
  expect(workers.length).toBeGreaterThan(0);
  for (const pid of workers.slice(0, 1)) process.kill(pid, 'SIGKILL');

  expect((await asked).choices[0]?.message.content).toContain('价税合计');
});

it('with PostgreSQL away answers stateless chat and refuses stateful calls with 503', async () => {
  const postgres = trivium.house.servers.postgres;
  await postgres?.kill();

  await expect(trivium.client.conversations.create({})).rejects.toMatchObject({ status: 503 });
  await hello();
  await eventually(async () => (await trivium.client.conversations.create({})).id !== '');
});

it('with NATS away is not ready, answers 503, and recovers by itself', async () => {
  // It is started again at once, perhaps before anybody has looked: it is ended as often as that takes.
  await eventually(async () => {
    await trivium.house.servers.nats?.kill();
    const refusal: unknown = await hello().then(
      () => undefined,
      (error: unknown) => error,
    );
    return (await ready()) === 503 && refusal instanceof APIError && refusal.status === 503;
  });
  await eventually(async () => (await ready()) === 200);
  await eventually(async () => (await hello()) !== undefined);
});
