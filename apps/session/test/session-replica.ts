import { randomUUID } from 'node:crypto';
import type { NewItem } from '@trivium/contracts/session';
import { type CallOptions, connectMessaging, type Messaging } from '@trivium/messaging';
import { Health, loadConfig, platformConfig, startMicroservice } from '@trivium/platform';
import { createLogger, setLogLevel } from '@trivium/telemetry';
import { sessionConfig } from '../src/session.config.js';
import { SessionModule } from '../src/session.module.js';

setLogLevel('silent');

export interface Servers {
  readonly natsUrl: string;
  readonly databaseUrl: string;
}

/** One replica of the service in this process, over real connections. */
export interface Replica extends AsyncDisposable {
  readonly health: Health;
}

export async function startReplica(
  { natsUrl, databaseUrl }: Servers,
  env: Readonly<Record<string, string>> = {},
): Promise<Replica> {
  const variables = { NATS_URL: natsUrl, DATABASE_URL: databaseUrl, ...env };
  const config = { ...loadConfig(platformConfig, variables), ...loadConfig(sessionConfig, variables) };
  const messaging = await connectMessaging({ name: 'session', servers: natsUrl });
  const health = new Health({ cacheMs: 0 });
  health.setNotReady(undefined);
  const context = {
    name: 'session',
    config,
    messaging,
    health,
    logger: createLogger('session'),
    stopping: new AbortController().signal,
  };
  const service = await startMicroservice(SessionModule.register(context), context);
  return {
    health,
    [Symbol.asyncDispose]: async () => {
      await service.drain?.(5_000);
      await service[Symbol.asyncDispose]();
      await messaging[Symbol.asyncDispose]();
    },
  };
}

export function connectClient(natsUrl: string): Promise<Messaging> {
  return connectMessaging({ name: 'session-test', servers: natsUrl });
}

/** Asks again, at a bounded pace, until the replica says it is ready (or that it is not). */
export async function untilReady({ health }: Replica, ready = true, withinMs = 15_000): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    const report = await health.readiness();
    const waited = performance.now() - startedAt;
    if (report.ready === ready) return waited;
    if (waited > withinMs) throw new Error(`Not ${String(ready)} in time: ${JSON.stringify(report)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export const ACME: CallOptions = { tenant: 'acme' };
export const RIVAL: CallOptions = { tenant: 'rival' };

export const say = (text: string, overrides: Partial<NewItem> = {}): NewItem => ({
  role: 'user',
  status: 'completed',
  parts: [{ type: 'text', text }],
  ...overrides,
});

export const reply = (text: string, overrides: Partial<NewItem> = {}): NewItem =>
  say(text, { role: 'assistant', ...overrides });

/** A turn with the fields that most tests do not care about. */
export const turn = (overrides: { readonly responseId?: string; readonly said?: string } = {}) => ({
  responseId: overrides.responseId ?? `resp_${randomUUID()}`,
  status: 'completed' as const,
  model: 'trivium',
  finishReason: 'stop' as const,
  usage: { inputTokens: 3, outputTokens: 5 },
  input: [say(overrides.said ?? 'question')],
  output: [reply(`about ${overrides.said ?? 'question'}`)],
});

export const textOf = (item: { readonly parts: readonly { readonly type: string }[] }): string =>
  item.parts.map((part) => ('text' in part ? String(part.text) : '')).join('');
