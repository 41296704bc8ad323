import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type NatsProcess, type PostgresProcess, startNats, startPostgres } from '@trivium/local-servers';
import { Backoff } from './backoff.js';
import type { Report } from './service-process.js';
import type { Settings } from './settings.js';

/** The two servers under the services: one's own by address, or started here. */
export interface Servers extends AsyncDisposable {
  readonly natsUrl: string;
  readonly databaseUrl: string;
  readonly nats: NatsProcess | undefined;
  readonly postgres: PostgresProcess | undefined;
}

export async function startServers(settings: Settings, report: Report): Promise<Servers> {
  const closing = new AbortController();
  const postgres =
    settings.databaseUrl === undefined
      ? await startPostgres({ dataDir: join(settings.home, 'postgres', 'data') })
      : undefined;
  const nats =
    settings.natsUrl === undefined
      ? await startNats({
          storeDir: join(settings.home, 'nats'),
          // Other users of this machine reach the loopback interface too.
          user: 'trivium',
          password: randomBytes(24).toString('base64url'),
        })
      : undefined;
  if (postgres !== undefined) void keepAlive('PostgreSQL', postgres, closing.signal, report);
  if (nats !== undefined) void keepAlive('nats-server', nats, closing.signal, report);
  return {
    natsUrl: settings.natsUrl ?? nats?.url ?? '',
    databaseUrl: settings.databaseUrl ?? postgres?.url ?? '',
    nats,
    postgres,
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      await Promise.all([nats?.stop(), postgres?.stop()]);
    },
  };
}

/** Starts a server again when it ends on its own. */
async function keepAlive(
  name: string,
  server: NatsProcess | PostgresProcess,
  closing: AbortSignal,
  report: Report,
): Promise<void> {
  const backoff = new Backoff();
  for (;;) {
    const started = performance.now();
    await server.exited;
    if (closing.aborted) return;
    const wait = backoff.after(performance.now() - started);
    report(`${name} stopped; starting it again in ${wait / 1000} s`);
    await delay(wait, undefined, { signal: closing }).catch(() => undefined);
    if (closing.aborted) return;
    await server.restart().then(
      () => report(`${name} is back`),
      (error: unknown) => report(`${name} did not start: ${String(error)}`),
    );
  }
}
