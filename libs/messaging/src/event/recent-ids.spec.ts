import { expect, it } from 'vitest';
import { RecentIds } from './recent-ids.js';

it('forgets the oldest first', () => {
  const ids = new RecentIds(2);
  for (const id of ['a', 'b', 'c']) ids.add(id);

  expect([ids.has('a'), ids.has('b'), ids.has('c')]).toEqual([false, true, true]);
});
