import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CliError, EXIT } from './cli-error.js';

/** Where the server is, and what it is shown. */
export interface Settings {
  readonly url: URL;
  readonly apiKey: string;
  /** `.trivium`: where the server's first key lies, and what this tool remembers. */
  readonly home: string;
}

/** This file lies in `tools/cli/dist/server`. */
const CHECKOUT = fileURLToPath(new URL('../../../../', import.meta.url));
/** The file that `npm start` keeps the first key in. */
const API_KEY_FILE = 'api-key';
const DEFAULT_URL = 'http://localhost:8080';

/** From `--url`, `TRIVIUM_URL`, `TRIVIUM_API_KEY` and `TRIVIUM_HOME`. Errors name what to set. */
export async function readSettings(
  env: Readonly<NodeJS.ProcessEnv>,
  givenUrl: string | undefined,
): Promise<Settings> {
  const home = homeOf(env);
  const text = givenUrl ?? env['TRIVIUM_URL'] ?? DEFAULT_URL;
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new CliError(`'${text}' is not the address of a server, such as ${DEFAULT_URL}.`, EXIT.usage);
  }
  return { url, home, apiKey: await findKey(env['TRIVIUM_API_KEY'], home) };
}

/** The folder of a server on this machine: its keys and data. */
export function homeOf(env: Readonly<NodeJS.ProcessEnv>): string {
  return resolve(CHECKOUT, env['TRIVIUM_HOME'] ?? '.trivium');
}

async function findKey(given: string | undefined, home: string): Promise<string> {
  if (given !== undefined && given !== '') return given;
  const file = join(home, API_KEY_FILE);
  const known = await readFile(file, 'utf8').catch(() => '');
  if (known.trim() !== '') return known.trim();
  throw new CliError(
    `There is no API key. Set TRIVIUM_API_KEY, or TRIVIUM_HOME to the folder of a server that runs on this machine (no ${file}).`,
    EXIT.forbidden,
  );
}
