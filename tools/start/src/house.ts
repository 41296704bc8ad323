import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, isPortTaken } from '@trivium/local-servers';
import { lockHome } from './home-lock.js';
import { type Servers, startServers } from './servers.js';
import { type Report, ServiceProcess } from './service-process.js';
import type { Settings } from './settings.js';

/** Services in the order they are stopped: the edge first, what others depend on last. */
export const SERVICES = [
  'gateway',
  'router',
  'ocr-certification',
  'text-inference',
  'vision-inference',
  'speech-inference',
  'session',
] as const;
export type ServiceName = (typeof SERVICES)[number];

const FIRST_OPS_PORT: Readonly<Record<ServiceName, number>> = {
  gateway: 9410,
  router: 9411,
  'text-inference': 9412,
  'vision-inference': 9413,
  'speech-inference': 9414,
  'ocr-certification': 9415,
  session: 9416,
};

const READY_LIMIT_MS = 180_000;

/** Everything that `npm start` runs. */
export interface House extends AsyncDisposable {
  readonly url: string;
  readonly servers: Servers;
  /** Process id of a service at this moment. */
  pid(service: ServiceName): number | undefined;
  opsUrl(service: ServiceName): string;
  kill(service: ServiceName, signal: NodeJS.Signals): void;
  /** Ends every process at once, without a drain. */
  killAll(): void;
}

/**
 * Starts the servers and all services, and resolves when each says that it is ready. When the signal
 * aborts first, whatever was begun is ended again and the signal's reason is thrown.
 */
export async function startHouse(
  settings: Settings,
  report: Report,
  signal: AbortSignal = new AbortController().signal,
): Promise<House> {
  if (await isPortTaken(settings.port)) {
    throw new Error(`Port ${settings.port} is taken. Set PORT to another one.`);
  }
  await using undo = new AsyncDisposableStack();
  undo.use(await lockHome(settings.home));
  const logs = join(settings.home, 'logs');
  await mkdir(logs, { recursive: true });

  report('Starting PostgreSQL and nats-server');
  const servers = undo.use(await startServers(settings, report));
  signal.throwIfAborted();
  const services = new Map<ServiceName, { process: ServiceProcess; opsPort: number }>();
  undo.defer(() => stopInOrder(services));
  for (const name of SERVICES) {
    const opsPort = (await isPortTaken(FIRST_OPS_PORT[name])) ? await freePort() : FIRST_OPS_PORT[name];
    const env = serviceEnvironment(settings, servers);
    const process = new ServiceProcess({ name, root: settings.root, logs, opsPort, env }, report);
    services.set(name, { process, opsPort });
    process.start();
  }
  await untilReady(services, report, signal);

  const owned = undo.move();
  return {
    url: `http://localhost:${settings.port}`,
    servers,
    pid: (service) => services.get(service)?.process.pid,
    opsUrl: (service) => `http://127.0.0.1:${services.get(service)?.opsPort ?? 0}`,
    kill: (service, signal) => services.get(service)?.process.kill(signal),
    killAll: () => {
      for (const { process } of services.values()) process.kill();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function serviceEnvironment(settings: Settings, servers: Servers): NodeJS.ProcessEnv {
  return {
    ...settings.env,
    PORT: String(settings.port),
    GRPC_PORT: String(settings.grpcPort),
    NATS_URL: servers.natsUrl,
    DATABASE_URL: servers.databaseUrl,
    TRIVIUM_API_KEY: settings.apiKey,
    TRIVIUM_HOME: settings.home,
    MODELS_DIR: settings.env['MODELS_DIR'] ?? join(settings.home, 'models'),
  };
}

async function untilReady(
  services: ReadonlyMap<ServiceName, { process: ServiceProcess }>,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const waiting = new Set<ServiceName>(services.keys());
  const limit = AbortSignal.timeout(READY_LIMIT_MS);
  report(`Starting ${services.size} services`);
  try {
    await Promise.all(
      [...services].map(async ([name, { process }]) => {
        await process.untilReady(AbortSignal.any([limit, signal]));
        waiting.delete(name);
        report(`  ${name} is ready (${services.size - waiting.size} of ${services.size})`);
      }),
    );
  } catch (cause) {
    signal.throwIfAborted();
    const outputs = [...waiting].map((name) => `${name}:\n${services.get(name)?.process.lastOutput ?? ''}`);
    throw new Error(`Not ready in time: ${[...waiting].join(', ')}\n\n${outputs.join('\n\n')}`, { cause });
  }
}

async function stopInOrder(services: ReadonlyMap<ServiceName, { process: ServiceProcess }>): Promise<void> {
  const stop = async (names: readonly ServiceName[]): Promise<void> => {
    await Promise.all(names.map((name) => services.get(name)?.process.stop()));
  };
  await stop(['gateway']);
  await stop(['router']);
  await stop(SERVICES.filter((name) => name !== 'gateway' && name !== 'router'));
}
