import type { Messaging } from '@trivium/messaging';
import type { Logger } from '@trivium/telemetry';
import type { z } from 'zod';
import type { PlatformConfig } from '../configuration/platform.config.js';
import type { Health } from '../health/health.js';

/** What a service gets to start with. */
export interface StartContext<Config = unknown> {
  readonly name: string;
  readonly config: Readonly<Config & PlatformConfig>;
  readonly messaging: Messaging;
  readonly health: Health;
  readonly logger: Logger;
  /** Aborted when the service is asked to stop, be it during its start. */
  readonly stopping: AbortSignal;
}

/** A started service. Disposal runs after the drain and while messaging is still connected. */
export interface RunningService extends AsyncDisposable {
  /** Takes no new work and lets what is in flight finish, for `timeoutMs` at most. */
  drain?(timeoutMs: number): Promise<void>;
}

export interface ServiceDefinition<Schema extends z.ZodObject> {
  readonly name: string;
  /** The service's own variables; the platform's are added. */
  readonly config: Schema;
  start(context: StartContext<z.output<Schema>>): Promise<RunningService>;
}
