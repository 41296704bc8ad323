import { randomBytes } from 'node:crypto';

export type IdPrefix = 'key' | 'conv' | 'msg' | 'file' | 'evt';

/**
 * Prefix, the millisecond and 96 random bits. The time in front keeps new rows together in the
 * indexes; the random part makes an id unguessable enough to meet no other, not secret.
 */
export function newId(prefix: IdPrefix, now: number = Date.now()): string {
  return `${prefix}_${now.toString(16).padStart(12, '0')}${randomBytes(12).toString('hex')}`;
}
