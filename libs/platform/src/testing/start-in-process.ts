import { connectMessaging } from '@trivium/messaging';
import { createLogger } from '@trivium/telemetry';
import type { z } from 'zod';
import { loadServiceConfig } from '../configuration/service-config.js';
import { Health } from '../health/health.js';
import type { ServiceDefinition } from '../service/running-service.js';

/** One replica of a service inside the process of a test. */
export interface Replica extends AsyncDisposable {
  readonly health: Health;
}

const DRAIN_MS = 5_000;

/**
 * Starts what `runService` would start, over real connections but without owning the process: no
 * ops server, no signals. Disposal drains first, as a SIGTERM does.
 */
export async function startInProcess<Schema extends z.ZodObject>(
  { name, config: schema, start }: ServiceDefinition<Schema>,
  env: Readonly<Record<string, string>>,
): Promise<Replica> {
  const config = loadServiceConfig(schema, env);
  await using started = new AsyncDisposableStack();
  const messaging = started.use(await connectMessaging({ name, servers: config.NATS_URL }));
  const health = new Health({ cacheMs: 0 });
  const stopping = new AbortController().signal;
  const service = started.use(
    await start({ name, config, messaging, health, logger: createLogger(name), stopping }),
  );
  started.defer(() => service.drain?.(DRAIN_MS));
  health.setNotReady(undefined);
  const replica = started.move();
  return { health, [Symbol.asyncDispose]: () => replica.disposeAsync() };
}
