import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { context } from '@opentelemetry/api';
import {
  createLogger,
  currentTraceId,
  injectTrace,
  inSpan,
  ServerSpan,
  shutdownTelemetry,
} from '../dist/index.js';

const log = createLogger('front');

/** Answers every request by asking a second process, and leaves after the first one. */
const back = fork(new URL('back.child.ts', import.meta.url), { execArgv: process.execArgv });
const server = createServer((request, response) => {
  const span = new ServerSpan(request, { route: '/documents/:id', scheme: 'http' });
  response.once('close', () => span.end(response.statusCode, response.writableFinished));
  void context
    .with(span.context, () =>
      inSpan('front', 'plan', { attributes: { pages: 3 } }, async () => {
        log.info('asking');
        const headers: Record<string, string> = {};
        injectTrace((key, value) => (headers[key] = value));
        back.send(headers);
        const [seen] = await once(back, 'message');
        return { seen, sent: headers, traceId: currentTraceId() };
      }),
    )
    .then((answer) => response.end(JSON.stringify(answer)));
});
server.listen(0, '127.0.0.1', () => process.send?.(server.address()));

process.once('message', () => {
  server.close();
  void once(back, 'exit')
    .then(() => shutdownTelemetry())
    .then(() => process.disconnect());
});
