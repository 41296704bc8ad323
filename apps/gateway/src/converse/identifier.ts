import { randomUUID } from 'node:crypto';

/** `chatcmpl-…`, `resp_…`, `msg_…`: 122 random bits under a prefix that says what it names. */
export function newId(prefix: string): string {
  return prefix + randomUUID().replaceAll('-', '');
}

export function nowInSeconds(): number {
  return Math.floor(Date.now() / 1_000);
}
