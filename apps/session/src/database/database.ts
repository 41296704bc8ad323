import { setTimeout } from 'node:timers/promises';
import { DomainError } from '@trivium/contracts';
import type { Logger } from '@trivium/telemetry';
import { DataSource, type QueryRunner } from 'typeorm';
import { databaseFailed, observePool } from '../events.js';
import type { DatabaseConfig } from '../session.config.js';
import { connectionOptions } from './connection-options.js';
import { migrateDatabase } from './migrate-database.js';
import { retryDelay } from './retry-delay.js';
import { databaseUnavailable, isReadTimeout, isRepeatable, translateError } from './translate-error.js';

/** What use cases see of a connection, in a transaction or outside. */
export interface Queryable {
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

const MOST_RUNS = 3;
const BACK_OFF = { first: 250, most: 5_000 };

/** A statement answered this recently is proof enough that the database is there. */
const FRESH_MS = 1_000;

/**
 * The pool of connections. Every failure leaves as a `DomainError`: `unavailable` while the database
 * is away, at once or after the connect timeout. The pool replaces broken connections by itself.
 */
export class Database implements Queryable {
  readonly #config: DatabaseConfig;
  readonly #logger: Logger;
  #source: DataSource | undefined;
  #isOpen = false;
  #answeredAt = -Infinity;

  constructor(config: DatabaseConfig, logger: Logger) {
    this.#config = config;
    this.#logger = logger;
  }

  /**
   * Brings the schema up to date, opens the pool and runs `prepare`; tries until it succeeds or is
   * told to stop. Statements are answered before that, with `unavailable` where need be.
   */
  async open(signal: AbortSignal, prepare: () => Promise<void>): Promise<void> {
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        await this.#connect();
        await prepare();
        this.#isOpen = true;
        return;
      } catch (error) {
        const delayMs = retryDelay(attempt, BACK_OFF);
        this.#logger.warn({ err: error, attempt, delayMs }, 'PostgreSQL cannot be used yet');
        await setTimeout(delayMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** One statement, which is its own transaction. */
  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.#withRunner((runner) => this.#run<Row>(runner, sql, parameters));
  }

  /**
   * All of `work` or nothing: nothing when it throws, or when its result is not worth keeping. Runs
   * again, on a fresh snapshot, when PostgreSQL ended it in favour of another transaction; so `work`
   * must not act outside the database.
   */
  async transaction<T>(
    work: (transaction: Queryable) => Promise<T>,
    keeps: (result: T) => boolean = () => true,
  ): Promise<T> {
    for (let run = 1; ; run += 1) {
      try {
        return await this.#withRunner((runner) => this.#runTransaction(runner, work, keeps));
      } catch (error) {
        const cause = error instanceof Error ? error.cause : undefined;
        if (!isRepeatable(cause) || run === MOST_RUNS) throw error;
      }
    }
  }

  /** Readiness: throws while the database does not answer. */
  async probe(): Promise<void> {
    if (!this.#isOpen) throw new Error('PostgreSQL has not been reached yet');
    if (performance.now() - this.#answeredAt < FRESH_MS) return;
    await this.query('SELECT 1');
  }

  async close(): Promise<void> {
    const source = this.#source;
    this.#source = undefined;
    await source?.destroy();
  }

  async #connect(): Promise<void> {
    if (this.#source !== undefined) return;
    const applied = await migrateDatabase(this.#config);
    const source = new DataSource(
      connectionOptions(this.#config, (error) => {
        this.#logger.warn({ err: error }, 'idle connection to PostgreSQL lost');
      }),
    );
    await source.initialize();
    observePool(() => poolOf(source));
    this.#source = source;
    this.#logger.info({ applied }, 'PostgreSQL is open and the schema up to date');
  }

  async #withRunner<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    if (this.#source === undefined) throw databaseUnavailable();
    const runner = this.#source.createQueryRunner();
    try {
      return await work(runner);
    } catch (error) {
      if (DomainError.is(error)) throw error;
      if (isReadTimeout(error)) await discard(runner);
      throw this.#failed(error);
    } finally {
      await runner.release();
    }
  }

  #failed(error: unknown): DomainError {
    const translated = translateError(error);
    databaseFailed(translated.code);
    if (translated.code === 'unavailable') this.#answeredAt = -Infinity;
    if (translated.code === 'internal') {
      this.#logger.error({ err: translated.cause }, 'statement failed');
    }
    return translated;
  }

  async #runTransaction<T>(
    runner: QueryRunner,
    work: (transaction: Queryable) => Promise<T>,
    keeps: (result: T) => boolean,
  ): Promise<T> {
    await runner.startTransaction();
    try {
      const result = await work({
        query: (sql, parameters = []) => this.#run(runner, sql, parameters),
      });
      if (keeps(result)) await runner.commitTransaction();
      else await runner.rollbackTransaction();
      return result;
    } catch (error) {
      // The first error tells what happened; without a connection there is nothing to roll back.
      if (!isReadTimeout(error)) await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    }
  }

  async #run<Row>(runner: QueryRunner, sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    const result = await runner.query(sql, [...parameters], true);
    this.#answeredAt = performance.now();
    return result.records as Row[];
  }
}

/** Closes the connection, so that the pool does not lend it to the next caller. */
async function discard(runner: QueryRunner): Promise<void> {
  const client = (await runner.connect()) as { end(): Promise<void> };
  void client.end().catch(() => undefined);
}

interface PoolCounts {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
}

function poolOf(source: DataSource): PoolCounts | undefined {
  // @NOTE the driver's public type does not name the pool that it holds
  return (source.driver as unknown as { readonly master: PoolCounts | undefined }).master;
}
