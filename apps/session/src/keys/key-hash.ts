import { createHash } from 'node:crypto';

/** Lower-case hex of the SHA-256 of a key as its bearer writes it; a random key needs no slow hash. */
export function hashKey(key: string): string {
  return createHash('sha256').update(key, 'utf8').digest('hex');
}
