import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { root, type TestHouse } from './test-house.js';

/** What a command said, and how it ended. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** `trivium models …` as an operator of the house types it. */
export function trivium(
  { url, apiKey }: Pick<TestHouse, 'url' | 'apiKey'>,
  ...words: readonly string[]
): Promise<Said> {
  const env = { ...process.env, TRIVIUM_URL: url, TRIVIUM_API_KEY: apiKey, NO_COLOR: '1' };
  const command = [join(root, 'tools/cli/bin/trivium.mjs'), 'models', ...words];
  return new Promise((resolve) => {
    execFile(process.execPath, command, { env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), out, err });
    });
  });
}
