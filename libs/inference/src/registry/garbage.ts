import type { Objects, Records } from '@trivium/messaging';
import { RegisteredModel } from './registered-model.js';

/**
 * Removes files that no version of any model names. Young ones stay: a publisher stores files before it
 * names them. A record that cannot be read may name any file, so then nothing is removed.
 */
export async function collectGarbage(records: Records, objects: Objects, graceMs: number): Promise<number> {
  // @NOTE files first: one that is stored and named in between is in the records and not among these
  const stored = await objects.list();
  const named = new Set<string>();
  for (const { value } of await records.list()) {
    const { versions } = RegisteredModel.parse(value);
    for (const { files } of Object.values(versions)) {
      for (const { sha256 } of Object.values(files)) named.add(sha256);
    }
  }
  let removed = 0;
  for (const { name, storedAt } of stored) {
    if (named.has(name) || Date.now() - storedAt < graceMs) continue;
    if (await objects.delete(name)) removed += 1;
  }
  await objects.sweep(graceMs);
  return removed;
}
