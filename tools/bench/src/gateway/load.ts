import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Sample } from '../harness/rounds.js';

const CONNECTIONS = 64;
const WARM_UP_S = 1;
const MEASURE_S = 3;
const MS_OF = { us: 0.001, ms: 1, s: 1_000 } as const;

export interface Request {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const run = promisify(execFile);

/** Requests per second and p99 in milliseconds over connections that are kept, driven by `wrk`. */
export async function measureLoad(url: string, request: Request, connections = CONNECTIONS): Promise<Sample> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-gateway-'));
  try {
    const script = join(folder, 'request.lua');
    await writeFile(script, luaOf(request));
    await wrk(url + request.path, script, connections, WARM_UP_S);
    return readReport(await wrk(url + request.path, script, connections, MEASURE_S));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The client must be much faster than what it measures; one written for Node would measure itself. */
async function wrk(url: string, script: string, connections: number, seconds: number): Promise<string> {
  const load = ['--threads', '1', '--connections', String(connections), '--duration', `${seconds}s`];
  const { stdout } = await run('wrk', [...load, '--latency', '--script', script, url]).catch((error) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error('This benchmark needs wrk on the PATH (apt-get install wrk).', { cause: error });
  });
  return stdout;
}

function luaOf({ method, headers, body = '' }: Request): string {
  return [
    `wrk.method = "${method}"`,
    ...Object.entries(headers).map(([name, value]) => `wrk.headers["${name}"] = [==[${value}]==]`),
    `wrk.body = [==[${body}]==]`,
  ].join('\n');
}

/** @throws where requests failed on the way, since their number would not count */
export function readReport(report: string): Sample {
  const rate = /^Requests\/sec: +([\d.]+)$/m.exec(report)?.[1];
  const [, p99, unit] = /^ +99% +([\d.]+)(us|ms|s)$/m.exec(report) ?? [];
  if (rate === undefined || p99 === undefined || /Socket errors/.test(report)) throw new Error(report);
  return { rate: Number(rate), p99: Number(p99) * MS_OF[unit as keyof typeof MS_OF] };
}
