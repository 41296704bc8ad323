import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { renderMetrics } from '@trivium/telemetry';
import { watchEventLoop } from './event-loop.js';
import type { Health } from './health.js';

export interface OpsServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
}

export interface OpsServerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly health: Health;
  readonly metrics?: () => Promise<string>;
}

const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';
const JSON_TEXT = 'application/json; charset=utf-8';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Health and metrics on their own port, apart from whatever the service itself listens on. */
export async function startOpsServer(options: OpsServerOptions): Promise<OpsServer> {
  const { health, metrics = renderMetrics } = options;
  const eventLoop = watchEventLoop();
  const pages: Readonly<Record<string, () => Promise<Answer>>> = {
    '/health/live': async () => liveness(health, eventLoop.take()),
    '/health/ready': async () => readiness(health),
    '/metrics': async () => ({ status: 200, type: PROMETHEUS_TEXT, body: await metrics() }),
  };
  const server = createServer((request, response) => void answer(pages, request, response));
  const address = await new Promise<{ port: number }>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve(server.address() as { port: number });
    });
  });
  return {
    host: options.host,
    port: address.port,
    async [Symbol.asyncDispose]() {
      eventLoop[Symbol.dispose]();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), 500).unref();
      });
    },
  };
}

async function answer(
  pages: Readonly<Record<string, () => Promise<Answer>>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, type, body } = await answerFor(pages, request);
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function answerFor(
  pages: Readonly<Record<string, () => Promise<Answer>>>,
  request: IncomingMessage,
): Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return json(405, { error: 'only GET and HEAD' });
  const path = request.url?.split('?', 1)[0] ?? '/';
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  if (page === undefined) return json(404, { pages: Object.keys(pages) });
  try {
    return await page();
  } catch (error) {
    return json(500, { error: error instanceof Error ? error.message : String(error) });
  }
}

/** An answer at all shows that the loop turns; the delay shows how well. */
function liveness(health: Health, delay: { maxMs: number; meanMs: number }): Answer {
  const eventLoopDelay = { maxMs: Math.round(delay.maxMs), meanMs: Math.round(delay.meanMs) };
  return health.wedged === undefined
    ? json(200, { status: 'live', eventLoopDelay })
    : json(503, { status: 'wedged', reason: health.wedged, eventLoopDelay });
}

async function readiness(health: Health): Promise<Answer> {
  const { ready, checks } = await health.readiness();
  return json(ready ? 200 : 503, { status: ready ? 'ready' : 'not-ready', checks });
}

function json(status: number, body: object): Answer {
  return { status, type: JSON_TEXT, body: `${JSON.stringify(body)}\n` };
}
