import { expect, it } from 'vitest';
import { processorMs, residentMemory, startedBy } from './processes.js';

it('counts the memory of the caller', async () => {
  expect(await residentMemory(process.pid)).toBeGreaterThan(10 * 2 ** 20);
});

it('knows no descendants of what started none, nor its time', async () => {
  const nobody = 2 ** 30;

  expect(await startedBy(nobody)).toEqual([]);
  expect(await processorMs([nobody])).toBeUndefined();
});
