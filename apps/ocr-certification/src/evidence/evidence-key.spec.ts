import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openEvidenceKey, PRIVATE_KEY_FILE, PUBLIC_KEY_FILE } from './evidence-key.js';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'trivium-key-'));
});
afterEach(() => rm(home, { recursive: true }));

it('is made once, for its owner alone, and published beside it', async () => {
  const folder = join(home, 'new');
  const made = await openEvidenceKey(folder);
  const opened = await openEvidenceKey(folder);

  expect(opened.publicKey).toBe(made.publicKey);
  expect(opened.keyId).toMatch(/^[0-9a-f]{16}$/);
  expect((await stat(join(folder, PRIVATE_KEY_FILE))).mode & 0o777).toBe(0o600);
  expect(await readFile(join(folder, PUBLIC_KEY_FILE), 'utf8')).toBe(made.pem);
});

it('is one key when replicas start together', async () => {
  const keys = await Promise.all(Array.from({ length: 4 }, () => openEvidenceKey(home)));
  expect(new Set(keys.map(({ publicKey }) => publicKey)).size).toBe(1);
});

it('is refused when the file holds another kind of key', async () => {
  await writeFile(join(home, PRIVATE_KEY_FILE), 'not a key');
  await expect(openEvidenceKey(home)).rejects.toThrow();
});
