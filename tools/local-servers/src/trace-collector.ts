import { createServer, type IncomingMessage, type Server } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { CollectedSpan } from './collected-span.js';
import { decodeJaegerBatch } from './jaeger-thrift.js';
import { decodeOtlpTraces } from './otlp-json.js';

export interface TraceCollector extends AsyncDisposable {
  /** For `OTEL_EXPORTER_JAEGER_ENDPOINT`: Thrift over HTTP. */
  readonly jaegerUrl: string;
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`: JSON over HTTP; `/v1/traces` is added by the exporter. */
  readonly otlpUrl: string;
  /** Everything received so far, in order of arrival. */
  spans(): readonly CollectedSpan[];
  /** Resolves with all spans as soon as they satisfy the predicate; rejects after `timeoutMs`, 15 s unless told. */
  waitFor(
    predicate: (spans: readonly CollectedSpan[]) => boolean,
    timeoutMs?: number,
  ): Promise<readonly CollectedSpan[]>;
  /**
   * Resolves with the spans of one trace as soon as it is whole: it has a root, every parent has come, and
   * `holds` is true of its spans. Services send theirs at different times, a parent often after its children.
   */
  waitForTrace(
    traceId: string,
    holds: (spans: readonly CollectedSpan[]) => boolean,
  ): Promise<readonly CollectedSpan[]>;
  /** Bodies that could not be decoded; a healthy exporter leaves none. */
  faults(): readonly Error[];
  stop(): Promise<void>;
}

/** Listens as a Jaeger collector and as an OTLP receiver do, and decodes what arrives. */
export async function startTraceCollector(options: { readonly port?: number } = {}): Promise<TraceCollector> {
  const spans: CollectedSpan[] = [];
  const faults: Error[] = [];
  const watchers = new Set<() => void>();
  const take = (decode: (body: Buffer) => readonly CollectedSpan[], body: Buffer): number => {
    try {
      spans.push(...decode(body));
    } catch (error) {
      faults.push(error instanceof Error ? error : new Error(String(error)));
      return 400;
    }
    for (const watcher of [...watchers]) watcher();
    return 200;
  };

  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      if (request.url === '/api/traces') response.writeHead(take(decodeJaegerBatch, body)).end();
      else if (request.url === '/v1/traces') {
        response.writeHead(take(decodeOtlpTraces, body), { 'content-type': 'application/json' }).end('{}');
      } else response.writeHead(404).end();
    });
  });
  const address = await listen(server, options.port ?? 0);

  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const waitFor: TraceCollector['waitFor'] = (predicate, timeoutMs = 15_000) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        watchers.delete(check);
        const seen = spans.map(({ service, name }) => `${service}: ${name}`).join('\n  ');
        reject(new Error(`The spans waited for did not come. ${spans.length} came:\n  ${seen}`));
      }, timeoutMs);
      const check = (): void => {
        if (!predicate(spans)) return;
        clearTimeout(timer);
        watchers.delete(check);
        resolve([...spans]);
      };
      watchers.add(check);
      check();
    });
  return {
    jaegerUrl: `${address}/api/traces`,
    otlpUrl: address,
    spans: () => [...spans],
    faults: () => [...faults],
    waitFor,
    waitForTrace: async (traceId, holds) => {
      const ours = (all: readonly CollectedSpan[]) => all.filter((span) => span.traceId === traceId);
      return ours(await waitFor((all) => isWhole(ours(all)) && holds(ours(all))));
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function isWhole(spans: readonly CollectedSpan[]): boolean {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const isRoot = ({ parentSpanId }: CollectedSpan): boolean => parentSpanId === undefined;
  return spans.some(isRoot) && spans.every((span) => isRoot(span) || ids.has(span.parentSpanId ?? ''));
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const body = Buffer.concat(await request.toArray());
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}
