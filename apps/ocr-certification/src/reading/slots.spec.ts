import { describe, expect, it } from 'vitest';
import { Slots } from './slots.js';

const never = new AbortController().signal;

describe('Slots', () => {
  it('lets waiting holders in one by one, first come first', async () => {
    const slots = new Slots(1);
    const entered: number[] = [];
    const first = await slots.enter(never);
    const second = slots.enter(never).then((slot) => (entered.push(2), slot));
    const third = slots.enter(never).then((slot) => (entered.push(3), slot));
    expect(entered).toEqual([]);

    first[Symbol.dispose]();
    (await second)[Symbol.dispose]();
    await third;

    expect(entered).toEqual([2, 3]);
  });

  it('forgets who gives up waiting', async () => {
    const slots = new Slots(1);
    const impatient = new AbortController();
    const first = await slots.enter(never);
    const left = slots.enter(impatient.signal);
    const stayed = slots.enter(never);

    impatient.abort(new Error('left'));
    first[Symbol.dispose]();

    await expect(left).rejects.toThrow('left');
    await expect(stayed).resolves.toBeDefined();
    await expect(slots.enter(impatient.signal)).rejects.toThrow('left');
  });
});
