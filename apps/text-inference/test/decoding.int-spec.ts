import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type DecoderScene, greedy, promptOf, startDecoder, write } from './decoder-scene.js';

describe.each(['gqa', 'concat'] as const)('a decoder of the form %s', (form) => {
  let scene: DecoderScene;
  beforeAll(async () => {
    scene = await startDecoder(form);
  });
  afterAll(() => scene[Symbol.asyncDispose]());

  it('writes the same alone and in company that joins and leaves', async () => {
    const { decoder } = scene;
    const starts = Array.from({ length: 12 }, (_, index) =>
      greedy(promptOf(index + 1, 5 + index * 7), 6 + ((index * 5) % 17), { owner: `alone-${index}` }),
    );
    const alone: (readonly number[])[] = [];
    for (const start of starts) alone.push((await write(decoder, start)).ids);

    const together = await Promise.all(
      starts.map((start, index) => write(decoder, { ...start, owner: `together-${index}` })),
    );

    expect(together.map(({ ids }) => ids)).toEqual(alone);
    expect(new Set(alone.flat()).size).toBeGreaterThan(5);
  });

  it('takes in a long prompt in parts, and takes over what an earlier one began with', async () => {
    const { decoder } = scene;
    const prompt = promptOf(99, 190);
    const first = await write(decoder, greedy(prompt, 8, { owner: 'one' }));
    const again = await write(decoder, greedy(prompt, 8, { owner: 'one' }));
    const other = await write(decoder, greedy(prompt, 8, { owner: 'two' }));

    expect(again.ids).toEqual(first.ids);
    expect(again.last.reused).toBe(prompt.length - 1);
    expect(other.last.reused).toBe(0);
    expect(other.ids).toEqual(first.ids);
  });

  it('ends at the length asked for, at a stop string, and draws the same with the same seed', async () => {
    const { decoder } = scene;
    const start = greedy(promptOf(3, 12), 10);
    const free = await write(decoder, start);
    const drawn = greedy(promptOf(3, 12), 10, {
      settings: { ...start.settings, temperature: 1.5, seed: 42 },
    });

    expect(free.last.end).toBe('length');
    expect(free.last.tokens).toBe(10);
    expect((await write(decoder, drawn)).ids).toEqual((await write(decoder, drawn)).ids);
    const text: string[] = [];
    for await (const piece of decoder.run(start)) text.push(piece.text);
    const whole = text.join('');
    const stop = whole.slice(3, 5);
    const stopped: string[] = [];
    for await (const piece of decoder.run({ ...start, stops: [stop] })) stopped.push(piece.text);
    expect(stopped.join('')).toBe(whole.slice(0, whole.indexOf(stop)));
  });

  it('ends the one whose request cannot be done, and no other', async () => {
    const { decoder } = scene;
    const wrong = greedy(promptOf(8, 9), 20);
    const others = [1, 2, 3].map((seed) =>
      write(decoder, greedy(promptOf(seed, 140), 30, { owner: `${seed}` })),
    );
    const refused = write(decoder, { ...wrong, settings: { ...wrong.settings, logitBias: [[9_999, 1]] } });

    await expect(refused).rejects.toMatchObject({ code: 'invalid_request' });
    expect((await Promise.all(others)).map(({ last }) => last.tokens)).toEqual([30, 30, 30]);
  });

  it('serves more sequences than a step has places, long ones and short ones', async () => {
    const { decoder } = scene;
    const lengths = Array.from({ length: 40 }, (_, index) => 3 + ((index * 29) % 170));

    const written = await Promise.all(
      lengths.map((length, index) => write(decoder, greedy(promptOf(index, length), 5 + (index % 20)))),
    );

    expect(written.map(({ last }) => last.tokens)).toEqual(lengths.map((_, index) => 5 + (index % 20)));
  });

  it('goes on for others when one leaves, and pauses only the one that is not read', async () => {
    const { decoder } = scene;
    const leaving = new AbortController();
    const left = decoder.run(greedy(promptOf(5, 9), 200), { signal: leaving.signal });
    const unread = decoder.run(greedy(promptOf(6, 9), 200));
    const first = unread[Symbol.asyncIterator]();
    await first.next();
    const others = write(decoder, greedy(promptOf(7, 9), 100));
    for await (const _ of left) {
      leaving.abort();
      break;
    }

    expect((await others).last.tokens).toBe(100);
    // It stands still a window ahead of its reader, however long the others went on.
    expect(unread.execution().steps).toBeLessThan(60);
    let rest = 0;
    for (let next = await first.next(); next.done !== true; next = await first.next()) rest += 1;
    expect(rest).toBe(199);
  });
});

it('runs again what has shown nothing when its worker is killed, and serves on', async () => {
  await using scene = await startDecoder('gqa');
  const { decoder } = scene;
  const [pid] = decoder.workerPids;
  const begun = decoder.run(greedy(promptOf(1, 20), 150));
  const reading = begun[Symbol.asyncIterator]();
  await reading.next();

  process.kill(pid ?? 0, 'SIGKILL');
  const fresh = write(decoder, greedy(promptOf(2, 20), 5));

  await expect(
    (async () => {
      for (let next = await reading.next(); next.done !== true; next = await reading.next());
    })(),
  ).rejects.toMatchObject({ code: 'unavailable' });
  expect((await fresh).last.tokens).toBe(5);
  await vi.waitFor(() => expect(decoder.workerPids).not.toContain(pid));
});
