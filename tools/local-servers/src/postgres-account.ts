import { spawnSync } from 'node:child_process';
import { cp, mkdir, stat } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';

/** PostgreSQL refuses to run as root, so root runs it as this user, which is made when missing. */
const ACCOUNT = 'postgres';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** The account to run the server under; undefined means "as whoever I am". */
export function serverAccount(): Account | undefined {
  if (userInfo().uid !== 0) return undefined;
  const existing = lookUp(ACCOUNT);
  if (existing !== undefined) return existing;
  const made = spawnSync('useradd', ['--system', '--user-group', '--shell', '/usr/sbin/nologin', ACCOUNT]);
  const account = lookUp(ACCOUNT);
  if (account === undefined) {
    throw new Error(
      `PostgreSQL cannot run as root and the user ${ACCOUNT} could not be made: ${String(made.stderr)}`,
    );
  }
  return account;
}

function lookUp(name: string): Account | undefined {
  const ids = ['-u', '-g'].map((flag) => spawnSync('id', [flag, name]));
  if (ids.some(({ status }) => status !== 0)) return undefined;
  const [uid, gid] = ids.map(({ stdout }) => Number.parseInt(String(stdout), 10));
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

/** Whether the account can reach the path; a clone under root's home, say, it cannot. */
export function canReach(account: Account, path: string): boolean {
  return spawnSync('test', ['-r', path], account).status === 0;
}

/** Where root keeps what the server's account must reach when the checkout itself is closed to it. */
export function reachableHome(checkout: string): string {
  return join('/var/lib/trivium', createHash('sha256').update(checkout).digest('hex').slice(0, 12));
}

/** Copies the server's files beside its data, once. */
export async function copyBinaries(nativeDir: string, home: string): Promise<string> {
  const target = join(home, 'postgresql');
  const done = await stat(join(target, 'bin', 'postgres')).catch(() => undefined);
  if (done === undefined) {
    await mkdir(dirname(target), { recursive: true, mode: 0o755 });
    await cp(nativeDir, target, { recursive: true, verbatimSymlinks: true });
  }
  return target;
}
