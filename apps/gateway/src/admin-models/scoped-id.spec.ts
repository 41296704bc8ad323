import { expect, it } from 'vitest';
import { readScopedId, scopedId } from './scoped-id.js';

it('says whose id it is, and reads that again', () => {
  const id = scopedId('vision-inference', 'job_1.x');

  expect(id).toBe('vision-inference.job_1.x');
  expect(readScopedId(id, 'job_id')).toEqual({ service: 'vision-inference', id: 'job_1.x' });
});

it.each(['job_1', 'router.job_1', 'vision-inference.'])('knows no %s', (id) => {
  expect(() => readScopedId(id, 'job_id')).toThrow(
    expect.objectContaining({ code: 'not_found', param: 'job_id' }) as Error,
  );
});
