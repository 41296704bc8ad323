import { Inject, Injectable } from '@nestjs/common';
import { type Messaging, MESSAGING } from '@trivium/messaging';
import { LOGGER } from '@trivium/platform';
import type { Logger } from '@trivium/telemetry';
import { Database } from '../database/database.js';
import { retryDelay } from '../database/retry-delay.js';
import { outboxMeasured, outboxRelayed } from '../events.js';
import { SESSION_CONFIG, type SessionConfig } from '../session.config.js';
import { deliver, type Delivery, type OutboxRow, postponeSeconds } from './delivery.js';
import { WakeablePause } from './wakeable-pause.js';

const BATCH = 100;
const BACK_OFF = { first: 250, most: 5_000 };

/** Rows that another replica is relaying are passed over, not waited for. */
const TAKE = `
  SELECT id, tenant, subject, payload, attempts FROM session.outbox
  WHERE available_at <= now() ORDER BY position LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`;

const FORGET = `DELETE FROM session.outbox WHERE id = ANY($1)`;

const POSTPONE = `
  UPDATE session.outbox SET attempts = attempts + 1, available_at = now() + make_interval(secs => $2)
  WHERE id = $1`;

/** Counting stops where the exact number no longer matters. */
const MEASURE = `
  SELECT count(*)::integer AS waiting,
         coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS "lagSeconds"
  FROM (SELECT created_at FROM session.outbox ORDER BY position LIMIT 10000) AS oldest`;

type Outcome = 'idle' | 'more' | 'blocked';

/**
 * Hands the events of committed transactions to JetStream, at least once: the row goes when the
 * acknowledgement has come. A crash in between repeats the event under the same message id.
 */
@Injectable()
export class OutboxRelay {
  readonly #stopping = new AbortController();
  readonly #pause = new WakeablePause();
  #running: Promise<void> | undefined;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(MESSAGING) private readonly messaging: Messaging,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(SESSION_CONFIG) private readonly config: SessionConfig,
  ) {}

  start(): void {
    this.#running ??= this.#run(this.#stopping.signal);
  }

  /** There is something to relay. What other replicas wrote and could not relay is found by polling. */
  wake(): void {
    this.#pause.call();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const outcome = await this.#relay();
      failures = outcome === 'blocked' ? failures + 1 : 0;
      if (outcome === 'more') continue;
      if (outcome === 'idle') await this.#pause.rest(this.config.SESSION_OUTBOX_POLL_MS, signal);
      // A fresh pause: new events are no reason to knock sooner.
      else await new WakeablePause().rest(retryDelay(failures - 1, BACK_OFF), signal);
    }
  }

  async #relay(): Promise<Outcome> {
    try {
      const connected = this.messaging.isConnected();
      const outcome = connected ? await this.#relayBatch() : 'blocked';
      if (outcome !== 'more') await this.#measure();
      return outcome;
    } catch {
      return 'blocked'; // the database has counted and said what failed
    }
  }

  #relayBatch(): Promise<Outcome> {
    return this.database.transaction(async (transaction): Promise<Outcome> => {
      const rows = await transaction.query<OutboxRow>(TAKE);
      if (rows.length === 0) return 'idle';
      const deliveries = await deliver(this.messaging, rows, (row, error) => {
        this.logger.error({ err: error, eventId: row.id, subject: row.subject }, 'event refused');
      });
      const went = (wanted: Delivery) => rows.filter((_, index) => deliveries[index] === wanted);
      const delivered = went('delivered');
      const refused = went('refused');
      await transaction.query(FORGET, [delivered.map(({ id }) => id)]);
      for (const { id, attempts } of refused) {
        await transaction.query(POSTPONE, [id, postponeSeconds(attempts)]);
      }
      outboxRelayed({ delivered: delivered.length, postponed: refused.length });
      if (deliveries.includes('away')) return 'blocked';
      return rows.length === BATCH ? 'more' : 'idle';
    });
  }

  async #measure(): Promise<void> {
    const [state] = await this.database.query<{ waiting: number; lagSeconds: number }>(MEASURE);
    if (state !== undefined) outboxMeasured(state);
  }
}
