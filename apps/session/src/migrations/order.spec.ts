import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { QueryRunner } from 'typeorm';
import { expect, it } from 'vitest';
import { MIGRATIONS } from './index.js';

interface Entry {
  readonly name: string;
  /** SHA-256 over the statements of `up` and `down`, white space aside. */
  readonly sha256: string;
}

const order = JSON.parse(await readFile(new URL('order.json', import.meta.url), 'utf8')) as Entry[];

async function digest(Migration: (typeof MIGRATIONS)[number]): Promise<string> {
  const hash = createHash('sha256');
  const recorder = {
    query: (sql: string) => {
      hash.update(sql.replace(/\s+/g, ' ').trim() + ';\n');
      return Promise.resolve([]);
    },
  } as unknown as QueryRunner;
  const migration = new Migration();
  await migration.up(recorder);
  hash.update('-- down\n');
  await migration.down(recorder);
  return hash.digest('hex');
}

it('lists every migration with its statements, in order: a released one never changes', async () => {
  const present = await Promise.all(
    MIGRATIONS.map(async (Migration) => ({ name: Migration.name, sha256: await digest(Migration) })),
  );

  expect(present).toEqual(order);
});

it('grows forward in time', () => {
  const stamps = MIGRATIONS.map(({ name }) => Number(name.slice(-13)));

  expect(stamps).toEqual([...new Set(stamps)].sort((a, b) => a - b));
});

it('leaves no migration file out', async () => {
  const files = await readdir(new URL('.', import.meta.url));

  const stamps = files
    .map((file) => /^(\d{13})-[a-z-]+\.ts$/.exec(file)?.[1])
    .filter((stamp) => stamp !== undefined);

  expect(stamps.sort()).toEqual(MIGRATIONS.map(({ name }) => name.slice(-13)));
});
