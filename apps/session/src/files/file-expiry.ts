import { setTimeout } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { filesExpired } from '../events.js';
import { SESSION_CONFIG, type SessionConfig } from '../session.config.js';

const BATCH = 20;

/** A few at a time, for a file may have many chunks; another replica's share is passed over. */
const SWEEP = `
  DELETE FROM session.file WHERE (tenant, id) IN (
    SELECT tenant, id FROM session.file WHERE expires_at <= now()
    ORDER BY expires_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
  RETURNING id`;

/** Removes files past their time, which no reader sees any more. */
@Injectable()
export class FileExpiry {
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(SESSION_CONFIG) private readonly config: SessionConfig,
  ) {}

  start(): void {
    this.#running ??= this.#run(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // The database has counted and said what failed; the next sweep finds the rest.
      const swept = await this.#sweep().catch(() => 0);
      if (swept < BATCH) await this.#rest(signal);
    }
  }

  async #sweep(): Promise<number> {
    const swept = await this.database.query(SWEEP);
    if (swept.length > 0) filesExpired(swept.length);
    return swept.length;
  }

  async #rest(signal: AbortSignal): Promise<void> {
    await setTimeout(this.config.SESSION_FILE_SWEEP_MS, undefined, { signal }).catch(() => undefined);
  }
}
