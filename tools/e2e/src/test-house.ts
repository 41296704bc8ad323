import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@trivium/local-servers';
import { type House, readSettings, startHouse } from '@trivium/start';
import OpenAI from 'openai';

export const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** The whole house as real processes on free ports, with a home of its own. */
export interface TestHouse extends AsyncDisposable {
  readonly url: string;
  /** Host and port of the gRPC server. */
  readonly grpcAddress: string;
  readonly apiKey: string;
  readonly home: string;
  readonly house: House;
  /** Never retries, so that a test sees what the server said. */
  readonly client: OpenAI;
  /** What the launcher told its user so far. */
  readonly reports: readonly string[];
}

/** @param env added to this process's environment, as an operator would set it */
export async function startTestHouse(
  env: Readonly<NodeJS.ProcessEnv> = {},
  existingHome?: string,
): Promise<TestHouse> {
  const home = existingHome ?? (await mkdtemp(join(tmpdir(), 'trivium-e2e-')));
  const port = await freePort();
  const settings = await readSettings(root, {
    ...withoutOwnServers(process.env),
    ...env,
    PORT: String(port),
    GRPC_PORT: String(await freePort()),
    TRIVIUM_HOME: home,
  });
  const reports: string[] = [];
  const house = await startHouse(settings, (line) => reports.push(line));
  return {
    url: house.url,
    grpcAddress: `127.0.0.1:${settings.grpcPort}`,
    apiKey: settings.apiKey,
    home,
    house,
    reports,
    client: new OpenAI({ baseURL: `${house.url}/v1`, apiKey: settings.apiKey, maxRetries: 0 }),
    [Symbol.asyncDispose]: async () => {
      await house[Symbol.asyncDispose]();
      if (existingHome === undefined) await rm(home, { recursive: true, force: true });
    },
  };
}

/** The tests start their own servers, whatever the developer's shell points at. */
function withoutOwnServers(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NATS_URL: _nats, DATABASE_URL: _database, TRIVIUM_API_KEY: _key, ...rest } = env;
  return rest;
}
