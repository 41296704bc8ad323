import { once } from 'node:events';
import type { SpokenPart } from './converse.js';
import { describe, expect, it } from 'vitest';
import { sideBySide } from './side-by-side.js';

const said = (text: string): SpokenPart => ({ type: 'text-delta', text });

describe('sideBySide', () => {
  it('takes turns, so that no choice waits for another to end', async () => {
    const order: string[] = [];
    const parts = sideBySide(2, async function* (choice) {
      for (let index = 0; index < 3; index += 1) yield said(`${choice}.${index}`);
    });
    for await (const { choice, part } of parts) {
      order.push(part.type === 'text-delta' ? part.text : '');
      expect(order.at(-1)).toMatch(new RegExp(`^${choice}`));
    }

    expect(order).toEqual(['0.0', '1.0', '0.1', '1.1', '0.2', '1.2']);
  });

  it('asks nobody for more than the reader has taken', async () => {
    let produced = 0;
    const parts = sideBySide(3, async function* () {
      for (;;) {
        produced += 1;
        yield said('x');
      }
    });
    for (let taken = 0; taken < 5; taken += 1) await parts.next();

    expect(produced).toBeLessThanOrEqual(8);
    await parts.return();
  });

  it.each(['an error', 'the reader'])('ends all choices after %s, those that wait too', async (ending) => {
    const ended: number[] = [];
    const parts = sideBySide(3, async function* (choice, stop) {
      try {
        yield said('x');
        if (choice === 2 && ending === 'an error') throw new Error('broken');
        if (stop) await once(stop, 'abort');
      } finally {
        ended.push(choice);
      }
    });
    for (let taken = 0; taken < 3; taken += 1) await parts.next();
    if (ending === 'an error') await expect(parts.next()).rejects.toThrow('broken');
    else await parts.return();

    expect(ended.toSorted()).toEqual([0, 1, 2]);
  });
});
