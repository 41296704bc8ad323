import { expect, it } from 'vitest';
import { Gate } from './gate.js';

const signal = new AbortController().signal;

it('lets so many in, and the next when one leaves', async () => {
  const gate = new Gate('a seat', 2, 8);
  const entered: string[] = [];
  const enter = async (name: string) => {
    const place = await gate.enter(signal);
    entered.push(name);
    return place;
  };
  const [first] = await Promise.all([enter('a'), enter('b')]);
  const waiting = [enter('c'), enter('d')];
  await Promise.resolve();
  expect(entered).toEqual(['a', 'b']);

  first[Symbol.dispose]();
  first[Symbol.dispose](); // counts once
  const third = await waiting[0];
  expect(entered).toEqual(['a', 'b', 'c']);
  third?.[Symbol.dispose]();
  await waiting[1];
  expect(entered).toEqual(['a', 'b', 'c', 'd']);
});

it('gives the place of whoever left to the next', async () => {
  const gate = new Gate('a seat', 1, 8);
  const place = await gate.enter(signal);
  const leaver = new AbortController();
  const left = gate.enter(leaver.signal);
  const stayed = gate.enter(signal);
  leaver.abort(new Error('gone'));
  await expect(left).rejects.toThrow('gone');

  place[Symbol.dispose]();
  await expect(stayed).resolves.toBeDefined();
});

it('refuses whoever finds the line full', async () => {
  const gate = new Gate('a seat', 1, 1);
  const place = await gate.enter(signal);
  const waiting = gate.enter(signal);
  await expect(gate.enter(signal)).rejects.toMatchObject({
    code: 'overloaded',
    message: 'Too many requests wait for a seat',
  });
  expect([gate.inside, gate.waiting]).toEqual([1, 1]);

  place[Symbol.dispose]();
  await expect(waiting).resolves.toBeDefined();
});
