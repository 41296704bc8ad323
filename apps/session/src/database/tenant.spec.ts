import { readdir, readFile } from 'node:fs/promises';
import { DomainError } from '@trivium/contracts';
import type { CallContext } from '@trivium/messaging';
import { expect, it } from 'vitest';
import { tenantOf } from './tenant.js';

const context = (tenant: string): CallContext => ({
  tenant,
  requestId: 'req_1',
  priority: 'interactive',
  signal: new AbortController().signal,
  remaining: () => 1_000,
});

it('is the one that the call names, and there has to be one', () => {
  expect(tenantOf(context('acme'))).toBe('acme');
  expect(() => tenantOf(context(''))).toThrow(DomainError);
});

/** The key tells the tenant; expiry and outbox serve all of them. */
const WITHOUT_TENANT = ['verify-key.ts', 'file-expiry.ts', 'outbox-relay.ts'];

const TOUCHES_ROWS = /\b(FROM|JOIN|INTO|UPDATE|USING) session\.\w+/;

it('is in every statement that touches rows', async () => {
  const root = new URL('../', import.meta.url);
  const files = (await readdir(root, { recursive: true })).filter(
    (file) =>
      file.endsWith('.ts') &&
      !file.endsWith('.spec.ts') &&
      !file.startsWith('migrations') &&
      !WITHOUT_TENANT.some((name) => file.endsWith(name)),
  );
  const statements: { readonly file: string; readonly sql: string }[] = [];
  for (const file of files) {
    const source = await readFile(new URL(file, root), 'utf8');
    for (const [, sql = ''] of source.matchAll(/`([^`]+)`/g)) {
      if (TOUCHES_ROWS.test(sql)) statements.push({ file, sql });
    }
  }

  // Each mention of a table of its own: a join or a subquery needs the tenant as much as the statement.
  for (const { sql, file } of statements) {
    const tables = sql.match(new RegExp(TOUCHES_ROWS, 'g'))?.length ?? 0;
    const tenants = sql.match(/\btenant (?:=|,)|\(tenant,|\(\w+\.tenant,/g)?.length ?? 0;
    expect(tenants, `${file}: ${sql}`).toBeGreaterThanOrEqual(tables);
  }
  expect(statements.length).toBeGreaterThan(20);
});
