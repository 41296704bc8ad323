import { readdir, readFile } from 'node:fs/promises';

const KIB = 1_024;

/**
 * Resident bytes of a process and all that it started, from /proc; of the process alone, when it is the
 * caller, where there is none.
 */
export async function residentMemory(pid: number): Promise<number> {
  const processes = await readProcesses();
  const own = processes.get(pid);
  if (own === undefined) return process.memoryUsage.rss();
  let bytes = 0;
  const family = [pid];
  for (let member = family.pop(); member !== undefined; member = family.pop()) {
    bytes += processes.get(member)?.bytes ?? 0;
    for (const [child, { parent }] of processes) if (parent === member) family.push(child);
  }
  return bytes;
}

async function readProcesses(): Promise<ReadonlyMap<number, { parent: number; bytes: number }>> {
  const names = await readdir('/proc').catch(() => []);
  const processes = new Map<number, { parent: number; bytes: number }>();
  for (const name of names.filter((one) => /^\d+$/.test(one))) {
    const status = await readFile(`/proc/${name}/status`, 'utf8').catch(() => ''); // it may have gone
    const field = (key: string): number =>
      Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    processes.set(Number(name), { parent: field('PPid'), bytes: field('VmRSS') * KIB });
  }
  return processes;
}
