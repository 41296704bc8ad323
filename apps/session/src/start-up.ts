import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { type Health, HEALTH } from '@trivium/platform';
import { Database } from './database/database.js';
import { FileExpiry } from './files/file-expiry.js';
import { EnsureConfiguredKey } from './keys/ensure-configured-key.js';
import { OutboxRelay } from './outbox/outbox-relay.js';

/** Opens the database behind a service that already runs, and what works on its own from then on. */
@Injectable()
export class StartUp implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #stopping = new AbortController();
  #started: Promise<void> | undefined;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(EnsureConfiguredKey) private readonly ensureConfiguredKey: EnsureConfiguredKey,
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
    @Inject(FileExpiry) private readonly expiry: FileExpiry,
    @Inject(HEALTH) private readonly health: Health,
  ) {}

  onApplicationBootstrap(): void {
    this.health.addReadiness('postgres', () => this.database.probe());
    this.#started = this.#start();
  }

  /** Handlers have drained by now; what works on its own stops before the pool closes under it. */
  async onApplicationShutdown(): Promise<void> {
    this.#stopping.abort();
    await this.#started;
    await Promise.all([this.relay.stop(), this.expiry.stop()]);
    await this.database.close();
  }

  async #start(): Promise<void> {
    await this.database.open(this.#stopping.signal, () => this.ensureConfiguredKey.execute());
    if (this.#stopping.signal.aborted) return;
    this.relay.start();
    this.expiry.start();
  }
}
