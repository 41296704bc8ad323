import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Two houses on one home would fight over its data. The lock holds the owner's process id. */
export async function lockHome(home: string): Promise<AsyncDisposable> {
  const file = join(home, 'lock');
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      const handle = await open(file, 'wx', 0o600);
      await handle.writeFile(`${process.pid}\n`);
      await handle.close();
      return { [Symbol.asyncDispose]: () => rm(file, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10);
    if (isAlive(owner)) {
      throw new Error(
        `Trivium already runs on ${home} (process ${owner}). Stop it, or set TRIVIUM_HOME to another folder.`,
      );
    }
    await rm(file, { force: true });
  }
  throw new Error(`Could not lock ${home}`);
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
