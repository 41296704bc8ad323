import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from './free-port.js';
import { ServerProcess } from './server-process.js';

export interface NatsOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** JetStream storage that outlives the server; default: a temporary folder removed by `stop`. */
  readonly storeDir?: string;
  /** When both are given, clients must present them. */
  readonly user?: string;
  readonly password?: string;
}

export interface NatsProcess extends AsyncDisposable {
  /** With the credentials, when some were given. */
  readonly url: string;
  readonly port: number;
  readonly isRunning: boolean;
  /** Resolves when the server is gone, for whatever reason. */
  readonly exited: Promise<void>;
  /** Ends it at once (SIGKILL unless told otherwise), keeping its storage for `restart`. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port and storage. */
  restart(): Promise<void>;
  /** Clean stop; removes temporary storage. */
  stop(): Promise<void>;
}

/** Where Debian and others put the server, beside the PATH (a plain user's PATH lacks sbin). */
const USUAL_PLACES = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/usr/bin'];

/** Full path of `nats-server`, or undefined. */
export function findNatsServer(path = process.env['PATH'] ?? ''): string | undefined {
  return [...path.split(delimiter), ...USUAL_PLACES]
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'nats-server'))
    .find((file) => existsSync(file));
}

/** Starts a real nats-server with JetStream on the loopback interface. */
export async function startNats(options: NatsOptions = {}): Promise<NatsProcess> {
  const command = findNatsServer();
  if (command === undefined) {
    throw new Error('nats-server was not found. On Debian: apt-get install nats-server');
  }
  const port = options.port ?? (await freePort());
  const temporary = options.storeDir === undefined;
  const storeDir = options.storeDir ?? (await mkdtemp(join(tmpdir(), 'trivium-nats-')));
  await mkdir(storeDir, { recursive: true });
  const configFile = join(storeDir, 'nats-server.conf');
  await writeFile(configFile, renderConfig(port, storeDir, options), { mode: 0o600 });

  const launch = () =>
    ServerProcess.start({
      command,
      args: ['-c', configFile],
      readyLine: 'Server is ready',
      stopSignal: 'SIGTERM',
    });
  let server = await launch();

  const stop = async (): Promise<void> => {
    await server.stop();
    if (temporary) await rm(storeDir, { recursive: true, force: true });
  };
  return {
    url: `nats://${login(options)}127.0.0.1:${port}`,
    port,
    get isRunning() {
      return server.isRunning;
    },
    get exited() {
      return server.exited;
    },
    kill: (signal) => server.kill(signal),
    restart: async () => {
      await server.stop();
      server = await launch();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function login({ user, password }: NatsOptions): string {
  return user === undefined || password === undefined
    ? ''
    : `${encodeURIComponent(user)}:${encodeURIComponent(password)}@`;
}

function renderConfig(port: number, storeDir: string, { user, password }: NatsOptions): string {
  const lines = [
    `listen: "127.0.0.1:${port}"`,
    'max_payload: 1MB',
    'jetstream {',
    `  store_dir: ${JSON.stringify(storeDir)}`,
    '  max_file_store: 4GB',
    '}',
  ];
  if (user !== undefined && password !== undefined) {
    lines.push(`authorization { user: ${JSON.stringify(user)}, password: ${JSON.stringify(password)} }`);
  }
  return lines.join('\n') + '\n';
}
