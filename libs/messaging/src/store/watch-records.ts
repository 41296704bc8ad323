import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from '../connection/connection.js';
import { unlessAborted } from './attempt.js';
import type { Subscription } from './kv-records.js';
import type { RecordChange } from './store.js';

const RETRY_MS = { first: 100, most: 5_000 } as const;

export interface Watching {
  readonly connection: Connection;
  readonly bucket: string;
  readonly prefix: string;
  readonly signal: AbortSignal;
  subscribe(): Promise<Subscription>;
}

/** Follows a bucket through every loss of the connection, until the signal aborts. */
export async function* watchRecords(watching: Watching): AsyncIterable<RecordChange> {
  const { connection, bucket, signal } = watching;
  const known = new Set<string>();
  let failures = 0;
  while (!signal.aborted) {
    try {
      for await (const change of follow(watching, known)) {
        failures = 0;
        yield change;
      }
    } catch (error) {
      if (!signal.aborted && connection.isConnected) connection.events.watchInterrupted(bucket, error);
    }
    if (signal.aborted) return;
    const wait = Math.min(RETRY_MS.first * 2 ** failures++, RETRY_MS.most);
    await delay(wait, undefined, { signal }).catch(() => undefined);
    await connection.settle(RETRY_MS.most);
  }
}

/** One subscription, from what there is until it breaks. `known` are the keys that the reader believes in. */
async function* follow(
  { connection, prefix, signal, subscribe }: Watching,
  known: Set<string>,
): AsyncIterable<RecordChange> {
  const ends = [signal, connection.loss];
  const subscription = await subscribe();
  const line = new Line();
  try {
    void line.fill(subscription, prefix);
    const seen = new Set<string>();
    let isCurrent = false;
    for (;;) {
      for (const change of line.take()) {
        if (change.kind === 'value') known.add(change.key);
        else if (!known.delete(change.key)) continue;
        if (!isCurrent) seen.add(change.key);
        yield change;
      }
      if (line.isCurrent && !isCurrent && line.isEmpty) {
        isCurrent = true;
        for (const key of [...known]) {
          if (seen.has(key)) continue;
          known.delete(key);
          yield { kind: 'deleted', key };
        }
        yield { kind: 'current' };
      }
      if (line.isEmpty) await unlessAborted(line.next(), ends);
    }
  } finally {
    subscription.close();
  }
}

type Change = Exclude<RecordChange, { kind: 'current' }>;

/** Changes that the reader has not taken yet, one for each key: as many as there are records, however slow he is. */
class Line {
  readonly #changes = new Map<string, Change>();
  #signal = Promise.withResolvers<void>();
  #isCurrent = false;
  #end: unknown;

  get isCurrent(): boolean {
    return this.#isCurrent;
  }

  get isEmpty(): boolean {
    return this.#changes.size === 0;
  }

  async fill({ pending, changes }: Subscription, prefix: string): Promise<void> {
    this.#isCurrent = pending === 0;
    try {
      for await (const { change, pending: left } of changes) {
        if (change.key.startsWith(prefix)) this.#changes.set(change.key, change);
        this.#isCurrent ||= left === 0;
        this.#signal.resolve();
      }
      this.#end = new Error('The subscription ended.');
    } catch (error) {
      this.#end = error;
    }
    this.#signal.resolve();
  }

  take(): Change[] {
    const changes = [...this.#changes.values()];
    this.#changes.clear();
    return changes;
  }

  /** Resolves when there may be something to take; throws when nothing comes any more. */
  async next(): Promise<void> {
    if (this.#end !== undefined) throw this.#end;
    await this.#signal.promise;
    this.#signal = Promise.withResolvers();
  }
}
