import { readdir, readFile } from 'node:fs/promises';

const KIB = 1_024;
const NS_PER_MS = 1e6;

interface ProcessFacts {
  readonly parent: number;
  readonly bytes: number;
}

/**
 * Resident bytes of a process and all that it started, from /proc; of the process alone, when it is the
 * caller, where there is none.
 */
export async function residentMemory(pid: number): Promise<number> {
  const processes = await readProcesses();
  const own = processes.get(pid);
  if (own === undefined) return process.memoryUsage.rss();
  return descendants(pid, processes).reduce((sum, id) => sum + (processes.get(id)?.bytes ?? 0), own.bytes);
}

/** Processes that this one started, and those that they did. */
export async function startedBy(pid: number): Promise<readonly number[]> {
  return descendants(pid, await readProcesses());
}

/** Milliseconds that the processes have been on a processor; undefined where Linux does not tell. */
export async function processorMs(pids: readonly number[]): Promise<number | undefined> {
  let ms = 0;
  for (const pid of pids) {
    for (const thread of await readdir(`/proc/${pid}/task`).catch(() => [])) {
      const [ns = ''] = (await text(`/proc/${pid}/task/${thread}/schedstat`)).split(' ');
      ms += Number(ns) / NS_PER_MS;
    }
  }
  return ms > 0 ? ms : undefined;
}

function descendants(pid: number, processes: ReadonlyMap<number, ProcessFacts>): readonly number[] {
  const children = [...processes].filter(([, { parent }]) => parent === pid).map(([id]) => id);
  return children.flatMap((child) => [child, ...descendants(child, processes)]);
}

async function readProcesses(): Promise<ReadonlyMap<number, ProcessFacts>> {
  const names = await readdir('/proc').catch(() => []);
  const processes = new Map<number, ProcessFacts>();
  for (const name of names.filter((one) => /^\d+$/.test(one))) {
    const status = await text(`/proc/${name}/status`);
    const field = (key: string): number =>
      Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    processes.set(Number(name), { parent: field('PPid'), bytes: field('VmRSS') * KIB });
  }
  return processes;
}

/** Empty where there is none: a process may have gone. */
function text(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
