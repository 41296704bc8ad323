import { readdir, readFile } from 'node:fs/promises';

/** Process ids on this machine whose environment holds the assignment; Linux only. */
export async function processesWith(assignment: string): Promise<number[]> {
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const environ = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (environ.split('\0').includes(assignment)) found.push(pid);
  }
  return found;
}
