import { readFile } from 'node:fs/promises';

/** Self-signed for localhost, for these tests alone. */
export const pem = (name: 'cert' | 'key'): Promise<string> =>
  readFile(new URL(`certificate/localhost.test-${name}.pem`, import.meta.url), 'utf8');
