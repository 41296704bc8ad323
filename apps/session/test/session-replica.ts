import { randomUUID } from 'node:crypto';
import { type Item, listItems, type NewItem } from '@trivium/contracts/session';
import { type CallOptions, connectMessaging, type Messaging } from '@trivium/messaging';
import { startMicroservice } from '@trivium/platform';
import { type Replica, startInProcess } from '@trivium/platform/testing';
import { setLogLevel } from '@trivium/telemetry';
import { sessionConfig } from '../src/session.config.js';
import { SessionModule } from '../src/session.module.js';

setLogLevel('silent');

export type { Replica };

export interface Servers {
  readonly natsUrl: string;
  readonly databaseUrl: string;
}

/** One replica of the service in this process, over real connections. */
export const startReplica = (
  { natsUrl, databaseUrl }: Servers,
  env: Readonly<Record<string, string>> = {},
): Promise<Replica> =>
  startInProcess(
    {
      name: 'session',
      config: sessionConfig,
      start: (context) => startMicroservice(SessionModule.register(context), context),
    },
    { NATS_URL: natsUrl, DATABASE_URL: databaseUrl, ...env },
  );

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

/** Every item of a conversation of ACME's, oldest first, page by page. */
export async function allItems(client: Messaging, conversationId: string): Promise<Item[]> {
  const items: Item[] = [];
  for (;;) {
    const after = items.at(-1)?.id;
    const cursor = after === undefined ? {} : { after };
    const page = await client.call(listItems, { conversationId, order: 'asc', limit: 100, ...cursor }, ACME);
    items.push(...page.items);
    if (!page.hasMore) return items;
  }
}

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
