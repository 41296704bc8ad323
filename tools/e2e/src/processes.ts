import { readdir, readFile } from 'node:fs/promises';

/** Process ids on this machine whose environment holds the assignment; Linux only. */
export async function processesWith(assignment: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of await processes()) {
    if (pid === process.pid) continue;
    const environ = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (environ.split('\0').includes(assignment)) found.push(pid);
  }
  return found;
}

/** Processes that the given one started and that are still there; Linux only. */
export async function childrenOf(parent: number): Promise<number[]> {
  const found: number[] = [];
  for (const pid of await processes()) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    if (Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]) === parent) found.push(pid);
  }
  return found;
}

async function processes(): Promise<number[]> {
  return (await readdir('/proc')).map(Number).filter((pid) => Number.isInteger(pid));
}
