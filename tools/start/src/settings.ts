import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** What the user may set from outside; everything else is decided here. */
export interface Settings {
  /** Checkout that the services run from. */
  readonly root: string;
  /** Data, keys and logs (`TRIVIUM_HOME`). */
  readonly home: string;
  readonly port: number;
  readonly grpcPort: number;
  readonly apiKey: string;
  /** Where the key was found: `made` on the first start only. */
  readonly apiKeyFrom: 'environment' | 'file' | 'made';
  /** Servers of one's own, used instead of starting any. */
  readonly natsUrl: string | undefined;
  readonly databaseUrl: string | undefined;
  /** The caller's environment, handed on to every service. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

export const API_KEY_FILE = 'api-key';

/** Reads the environment and makes the first key. Errors name the variable. */
export async function readSettings(root: string, env: NodeJS.ProcessEnv): Promise<Settings> {
  const home = resolve(root, env['TRIVIUM_HOME'] ?? '.trivium');
  await mkdir(home, { recursive: true });
  return {
    root,
    home,
    port: portFrom(env, 'PORT', 8080),
    grpcPort: portFrom(env, 'GRPC_PORT', 50051),
    ...(await apiKey(home, env['TRIVIUM_API_KEY'])),
    natsUrl: env['NATS_URL'],
    databaseUrl: env['DATABASE_URL'],
    env,
  };
}

function portFrom(env: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`${name} must be a port number from 1 to 65535`);
  }
  return port;
}

async function apiKey(
  home: string,
  given: string | undefined,
): Promise<Pick<Settings, 'apiKey' | 'apiKeyFrom'>> {
  if (given !== undefined && given !== '') {
    if (given.length < 16) throw new Error('TRIVIUM_API_KEY must have at least 16 characters');
    return { apiKey: given, apiKeyFrom: 'environment' };
  }
  const file = join(home, API_KEY_FILE);
  const known = await readFile(file, 'utf8').catch(() => '');
  if (known.trim() !== '') return { apiKey: known.trim(), apiKeyFrom: 'file' };
  const made = `sk-trivium-${randomBytes(32).toString('base64url')}`;
  await writeFile(file, made + '\n', { mode: 0o600 });
  return { apiKey: made, apiKeyFrom: 'made' };
}
