import type { Messaging, MessagingLogger } from '../messaging.js';

export interface ConnectOptions {
  /** Shown by the server's monitoring and in logs: the service name. */
  readonly name: string;
  /** One address or several, separated by commas. */
  readonly servers: string;
  readonly logger?: MessagingLogger | undefined;
  /** Copies of each event stream and bucket in a clustered server, 1 unless told. */
  readonly replicas?: number | undefined;
  /** Gives up waiting for the first connection. */
  readonly signal?: AbortSignal | undefined;
}

/** Waits until the server is there; later losses are repaired in the background, for ever. */
export async function connectMessaging(options: ConnectOptions): Promise<Messaging> {
  throw new Error(`No connection for ${options.name} yet.`);
}
