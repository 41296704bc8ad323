import { connectMessaging, type Messaging } from '@trivium/messaging';
import { createLogger, type Logger, setLogLevel, shutdownTelemetry } from '@trivium/telemetry';
import type { z } from 'zod';
import { ConfigurationError } from '../configuration/load-config.js';
import type { PlatformConfig } from '../configuration/platform.config.js';
import { loadServiceConfig } from '../configuration/service-config.js';
import { Health } from '../health/health.js';
import { startOpsServer } from '../health/ops-server.js';
import { registerServiceMetrics } from './service-metrics.js';
import { guardExit } from './exit-guard.js';
import type { RunningService, ServiceDefinition, StartContext } from './running-service.js';
import { StopRequest } from './stop-request.js';

const PROGRESS_MS = 5_000;
/** A drain ends its work in time by itself; this much later nobody waits for it any more. */
const DRAIN_GRACE_MS = 4_000;
const FLUSH_BUDGET_MS = 3_000;
/** Disposal of the service, of messaging and of telemetry together, after the drain. */
const CLOSE_BUDGET_MS = 8_000;
/** When everything is closed, the process has this long to leave by itself. */
const LEAVE_BUDGET_MS = 4_000;

/**
 * Owns the process of a service from its configuration to a natural exit: 0 after a requested stop,
 * 1 after a failure. Returns when everything is closed.
 */
export async function runService<Schema extends z.ZodObject>(
  definition: ServiceDefinition<Schema>,
): Promise<void> {
  const logger = createLogger(definition.name);
  using stop = new StopRequest(logger);
  try {
    const config = loadServiceConfig(definition.config, process.env);
    setLogLevel(config.LOG_LEVEL);
    await live(definition, config, logger, stop);
  } catch (error) {
    process.exitCode = 1;
    if (error instanceof ConfigurationError) logger.fatal({ faults: error.faults }, 'configuration rejected');
    else logger.fatal({ err: error }, 'service failed');
    guardExit(CLOSE_BUDGET_MS, logger);
  }
  if (stop.failed) process.exitCode = 1;
  await shutdownTelemetry(FLUSH_BUDGET_MS);
  guardExit(LEAVE_BUDGET_MS, logger);
}

async function live<Schema extends z.ZodObject>(
  definition: ServiceDefinition<Schema>,
  config: Readonly<z.output<Schema> & PlatformConfig>,
  logger: Logger,
  stop: StopRequest,
): Promise<void> {
  const health = new Health();
  stop.onRequest((reason) => {
    health.setNotReady(`stopping: ${reason}`);
    if (stop.failed) health.reportWedged(reason);
    guardExit(config.DRAIN_TIMEOUT_MS + DRAIN_GRACE_MS + CLOSE_BUDGET_MS, logger);
  });
  using _metrics = registerServiceMetrics(definition.name, health);
  await using ops = await startOpsServer({ host: config.OPS_HOST, port: config.OPS_PORT, health });
  logger.info({ host: ops.host, port: ops.port }, 'ops server listening');

  const messaging = await connect(definition.name, config, logger, stop.signal);
  if (messaging === undefined) return;
  try {
    health.addReadiness('nats', () => {
      if (!messaging.isConnected()) throw new Error('not connected to NATS');
    });
    const context = { name: definition.name, config, messaging, health, logger, stopping: stop.signal };
    const service = await startUnlessStopped(definition, context, stop);
    if (service === undefined) return;
    health.setNotReady(undefined);
    logger.info({ opsPort: ops.port }, `${definition.name} ready`);
    const reason = await stop.requested;
    await leave(service, reason, config.DRAIN_TIMEOUT_MS, logger);
  } finally {
    await messaging[Symbol.asyncDispose]();
  }
}

/** Waits as long as it takes; says so while it waits. */
async function connect(
  name: string,
  config: PlatformConfig,
  logger: Logger,
  signal: AbortSignal,
): Promise<Messaging | undefined> {
  const startedAt = performance.now();
  const progress = setInterval(() => {
    const waitedS = Math.round((performance.now() - startedAt) / 1000);
    logger.warn({ waitedS }, 'waiting for NATS');
  }, PROGRESS_MS);
  try {
    return await connectMessaging({ name, servers: config.NATS_URL, logger, signal });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    clearInterval(progress);
  }
}

/** A stop during the start is honoured as soon as the start settles; what had started is disposed. */
async function startUnlessStopped<Schema extends z.ZodObject>(
  definition: ServiceDefinition<Schema>,
  context: StartContext<z.output<Schema>>,
  stop: StopRequest,
): Promise<RunningService | undefined> {
  try {
    const service = await definition.start(context);
    if (!stop.signal.aborted) return service;
    await service[Symbol.asyncDispose]();
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    context.logger.warn({ err: error }, 'start interrupted');
  }
  return undefined;
}

async function leave(
  service: RunningService,
  reason: string,
  drainMs: number,
  logger: Logger,
): Promise<void> {
  const startedAt = performance.now();
  logger.info({ reason, drainMs }, 'draining');
  try {
    await within(drainMs + DRAIN_GRACE_MS, service.drain?.(drainMs));
  } catch (error) {
    logger.error({ err: error }, 'drain failed');
    process.exitCode = 1;
  }
  await service[Symbol.asyncDispose]();
  logger.info({ tookMs: Math.round(performance.now() - startedAt) }, 'stopped');
}

async function within(timeoutMs: number, work: Promise<void> | undefined): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`not done within ${timeoutMs} ms`)), timeoutMs);
  try {
    await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
