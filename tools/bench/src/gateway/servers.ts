import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort, startNats } from '@trivium/local-servers';
import type { Answer } from './bare-process.js';

export interface HttpServer extends AsyncDisposable {
  readonly url: string;
}

const GATEWAY = fileURLToPath(new URL('../../../../apps/gateway/dist/main.js', import.meta.url));
const READY_POLL_MS = 100;
/** Beyond what any load reaches: each request is counted, none refused. */
const REQUESTS_PER_MINUTE = 1_000_000_000;
/** What Node itself adds to an answer. */
const OF_NODE = new Set(['connection', 'content-length', 'date', 'keep-alive']);

/** The gateway as it is deployed, metrics on, with a broker of its own unless one is given. */
export async function startGateway(key: string, broker?: string): Promise<HttpServer> {
  await using stack = new AsyncDisposableStack();
  const natsUrl = broker ?? stack.use(await startNats()).url;
  const port = await freePort();
  const service = stack.adopt(
    fork(GATEWAY, [], {
      execArgv: ['--import', import.meta.resolve('@trivium/telemetry/register')],
      env: {
        ...process.env,
        NODE_ENV: 'production',
        NATS_URL: natsUrl,
        HOST: '127.0.0.1',
        PORT: `${port}`,
        OPS_HOST: '127.0.0.1',
        OPS_PORT: `${await freePort()}`,
        LOG_LEVEL: 'warn',
        TRIVIUM_API_KEY: key,
        GATEWAY_REQUESTS_PER_MINUTE: `${REQUESTS_PER_MINUTE}`,
      },
    }),
    stop,
  );
  const url = `http://127.0.0.1:${port}`;
  await alive(url, service);
  const owned = stack.move();
  return { url, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Fastify alone in a process of its own, with one route that sends the given answer. */
export async function startBare(method: string, path: string, answer: Response): Promise<HttpServer> {
  const fixed: Answer = {
    method,
    path,
    status: answer.status,
    headers: Object.fromEntries([...answer.headers].filter(([name]) => !OF_NODE.has(name))),
    body: await answer.json(),
  };
  const server = fork(new URL('bare-process.js', import.meta.url), [JSON.stringify(fixed)], {
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const [port] = (await once(server, 'message')) as [number];
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => stop(server) };
}

export async function alive(url: string, service: ChildProcess): Promise<void> {
  for (;;) {
    const answer = await fetch(`${url}/health/live`).catch(() => undefined);
    if (answer?.ok === true) return;
    if (service.exitCode !== null) throw new Error(`gateway ended with code ${service.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}
