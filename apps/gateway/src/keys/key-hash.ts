import { hash, randomBytes } from 'node:crypto';

const PREFIX = 'sk-trivium-';

/** 256 random bits: enough that one SHA-256 hides them for good. */
export function newKey(): string {
  return PREFIX + randomBytes(32).toString('base64url');
}

/** Lower-case hex; the only form of a key that leaves this process. */
export function keyHash(key: string): string {
  return hash('sha256', key, 'hex');
}
