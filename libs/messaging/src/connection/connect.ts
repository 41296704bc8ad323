import { setTimeout as delay } from 'node:timers/promises';
import { AuthorizationError, type ConnectionOptions, type NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import type { Messaging, MessagingLogger } from '../messaging.js';
import { Connection } from './connection.js';
import { NatsMessaging } from './nats-messaging.js';
import { stderrLogger } from './stderr-logger.js';

export interface ConnectOptions {
  /** Shown by the server's monitoring and in logs: the service name. */
  readonly name: string;
  /** One address or several, separated by commas; `nats://user:password@host:port` carries credentials. */
  readonly servers: string;
  /** Without one, warnings and errors go to stderr as JSON lines. */
  readonly logger?: MessagingLogger | undefined;
  /** Copies of each event stream and bucket in a clustered server, 1 unless told. */
  readonly replicas?: number | undefined;
  /** Gives up waiting for the first connection. */
  readonly signal?: AbortSignal | undefined;
}

const RETRY_MS = 250;
/** Spreads the reconnects of all services after the broker comes back. */
const JITTER_MS = 500;

/** Waits until the server is there; later losses are repaired in the background, for ever. */
export async function connectMessaging(options: ConnectOptions): Promise<Messaging> {
  const logger = options.logger ?? stderrLogger(options.name);
  const nats = await firstConnection(options, logger);
  return new NatsMessaging(new Connection(nats, options.name, logger, options.replicas ?? 1));
}

async function firstConnection(options: ConnectOptions, logger: MessagingLogger): Promise<NatsConnection> {
  const settings = connectionOptions(options);
  for (let attempt = 1; ; attempt++) {
    options.signal?.throwIfAborted();
    try {
      return await connect(settings);
    } catch (error) {
      // @NOTE wrong credentials do not mend themselves: starting must fail where someone looks
      if (error instanceof AuthorizationError) throw error;
      if (attempt === 1) logger.warn({ error: String(error) }, 'messaging.waiting-for-broker');
      await delay(
        RETRY_MS + Math.random() * JITTER_MS,
        undefined,
        options.signal ? { signal: options.signal } : {},
      );
    }
  }
}

function connectionOptions({ name, servers }: ConnectOptions): ConnectionOptions {
  const urls = servers
    .split(',')
    .map((server) => server.trim())
    .filter((server) => server !== '')
    .map((server) => new URL(server.includes('://') ? server : `nats://${server}`));
  const account = urls.find(({ username }) => username !== '');
  return {
    name,
    servers: urls.map(({ protocol, host }) => `${protocol}//${host}`),
    ...(account === undefined ? {} : credentials(account)),
    inboxPrefix: `_INBOX_${name.replace(/[^A-Za-z0-9_-]/g, '_')}`,
    timeout: 5_000,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RETRY_MS,
    reconnectJitter: JITTER_MS,
    // @NOTE a password that is being rotated must not end a process that has run for weeks
    ignoreAuthErrorAbort: true,
    pingInterval: 10_000,
    maxPingOut: 2,
    noAsyncTraces: true,
  };
}

function credentials({ username, password }: URL): ConnectionOptions {
  return password === ''
    ? { token: decodeURIComponent(username) }
    : { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
}
