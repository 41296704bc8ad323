import { expect, it } from 'vitest';
import { LoadLine } from './load-line.js';

const signal = new AbortController().signal;

it('lets so many in, and the next when one leaves', async () => {
  const line = new LoadLine(2);
  const entered: string[] = [];
  const enter = async (name: string) => {
    const place = await line.enter(signal);
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
  const line = new LoadLine(1);
  const place = await line.enter(signal);
  const leaver = new AbortController();
  const left = line.enter(leaver.signal);
  const stayed = line.enter(signal);
  leaver.abort(new Error('gone'));
  await expect(left).rejects.toThrow('gone');

  place[Symbol.dispose]();
  await expect(stayed).resolves.toBeDefined();
});
