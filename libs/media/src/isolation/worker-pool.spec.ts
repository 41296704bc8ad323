import { spawnSync } from 'node:child_process';
import { DomainError } from '@trivium/contracts';
import { describe, expect, it } from 'vitest';
import { WorkerPool } from './worker-pool.js';

const SERVE = new URL('../../dist/isolation/serve-jobs.js', import.meta.url);
const CONTRACTS = import.meta.resolve('@trivium/contracts');

/** A thread whose job is a word: what to do. */
const MODULE = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { threadId } from 'node:worker_threads';
    import { serveJobs } from '${SERVE.href}';
    import { DomainError } from '${CONTRACTS}';
    serveJobs(async (word) => {
      if (word === 'hang') for (;;);
      if (word === 'exit') process.exit(7);
      if (word === 'refuse') throw new DomainError('unsupported_media', 'no', { param: 'here' });
      if (word === 'break') throw new Error('broken');
      return { value: threadId, transfer: [] };
    });
  `)}`,
);
const LATER = { timeoutMs: 10_000 };

const pool = (size = 1): WorkerPool<string, number> => new WorkerPool(MODULE, size);

describe('WorkerPool', () => {
  it('uses a thread again', async () => {
    const threads = pool();

    expect(await threads.run('name', LATER)).toBe(await threads.run('name', LATER));
  });

  it('hands a refusal over with its code and part, and keeps the thread', async () => {
    const threads = pool();
    const before = await threads.run('name', LATER);

    const refusal = threads.run('refuse', LATER);

    await expect(refusal).rejects.toSatisfy(DomainError.is);
    await expect(refusal).rejects.toMatchObject({ code: 'unsupported_media', param: 'here', message: 'no' });
    expect(await threads.run('name', LATER)).toBe(before);
  });

  it.each([
    ['hang', 'timed-out'],
    ['exit', 'crashed'],
    ['break', 'crashed'],
  ])('tells of a %s and goes on with another thread', async (word, reason) => {
    const threads = pool();
    const before = await threads.run('name', LATER);

    await expect(threads.run(word, { timeoutMs: word === 'hang' ? 100 : 10_000 })).rejects.toMatchObject({
      reason,
    });

    expect(await threads.run('name', LATER)).not.toBe(before);
  });

  it('runs no more at once than it has threads, and all in the end', async () => {
    const threads = pool(2);

    const names = await Promise.all(Array.from({ length: 9 }, () => threads.run('name', LATER)));

    expect(new Set(names).size).toBe(2);
  });

  it('leaves a job alone that is abandoned while it waits or works', async () => {
    const threads = pool();
    const leaving = new AbortController();
    const working = threads.run('hang', { timeoutMs: 60_000, signal: leaving.signal });
    const waiting = threads.run('name', { ...LATER, signal: leaving.signal });
    const staying = threads.run('name', LATER);

    leaving.abort(new Error('left'));

    expect(await Promise.allSettled([working, waiting, staying])).toMatchObject([
      { status: 'rejected', reason: { reason: 'aborted' } },
      { status: 'rejected', reason: { reason: 'aborted' } },
      { status: 'fulfilled' },
    ]);
  });

  it('lets the process end although a thread is idle', async () => {
    const program = `
      import { WorkerPool } from '${new URL('../../dist/isolation/index.js', import.meta.url).href}';
      await new WorkerPool(new URL(${JSON.stringify(MODULE.href)}), 1).run('name', { timeoutMs: 10_000 });
    `;

    const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { timeout: 4000 });

    expect(status).toBe(0);
  });

  it('does not blame the job for a thread that cannot start', async () => {
    const threads = new WorkerPool(new URL('data:text/javascript,throw new Error("no")'), 1);

    await expect(threads.run('name', LATER)).rejects.toThrow('did not start');
    await expect(threads.run('name', LATER)).rejects.not.toMatchObject({ name: 'IsolationFailure' });
  });
});
