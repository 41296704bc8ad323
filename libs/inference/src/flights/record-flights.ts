import { DomainError } from '@trivium/contracts';
import { Binary } from '@trivium/contracts/content';
import { Datatype } from '@trivium/contracts/tensor';
import type { Blobs, Records, StoredRecord } from '@trivium/messaging';
import type { FlightClaim, SharedFlight, SharedFlights } from '@trivium/serving';
import { z } from 'zod';
import type { KeptAnswer } from '../engine/answer-version.js';

const StoredTensor = z.object({
  name: z.string(),
  datatype: Datatype,
  shape: z.array(z.int()),
  data: Binary,
});

/** What stands under the key of work in flight. Times are wall clock: replicas share no other. */
const FlightRecord = z.discriminatedUnion('state', [
  z.object({ state: z.literal('working'), until: z.number() }),
  z.object({ state: z.literal('done'), outputs: z.array(StoredTensor) }),
]);
type FlightRecord = z.output<typeof FlightRecord>;

/** How long records stay: long enough for those who wait, too short to be a second cache. */
export const FLIGHT_TTL_MS = 60_000;
const OUTPUT_TTL_MS = 10 * 60_000;
const MEDIA_TYPE = 'application/octet-stream';

/** Work in flight, told to the other replicas through a bucket of records; large outputs go as blobs. */
export class RecordFlights implements SharedFlights<KeptAnswer> {
  constructor(
    private readonly records: Records,
    private readonly blobs: Blobs,
    private readonly now: () => number = Date.now,
  ) {}

  async claim(key: string, ttlMs: number): Promise<SharedFlight<KeptAnswer>> {
    const found = await this.records.get(key);
    if (found !== undefined) {
      const flight = this.#follow(found);
      if (flight !== undefined) return flight;
    }
    try {
      const working: FlightRecord = { state: 'working', until: this.now() + ttlMs };
      const revision = await this.records.put(key, working, found?.revision ?? 0);
      return { kind: 'claimed', claim: this.#claimOf(key, revision) };
    } catch (error) {
      if (!DomainError.is(error) || error.code !== 'conflict') throw error;
      const winner = await this.records.get(key);
      const flight = winner === undefined ? undefined : this.#follow(winner);
      if (flight !== undefined) return flight;
      throw error; // came and went again; the caller works by itself
    }
  }

  /** Undefined when the claim's time is over, or its record cannot be read. */
  #follow({ key, value }: StoredRecord): SharedFlight<KeptAnswer> | undefined {
    const { data } = FlightRecord.safeParse(value);
    if (data === undefined) return undefined;
    if (data.state === 'done') {
      return { kind: 'elsewhere', result: (signal) => this.#read(data.outputs, signal) };
    }
    const leftMs = data.until - this.now();
    if (leftMs <= 0) return undefined;
    return { kind: 'elsewhere', result: (signal) => this.#await(key, leftMs, signal) };
  }

  async #await(key: string, leftMs: number, signal: AbortSignal): Promise<KeptAnswer> {
    const stop = new AbortController();
    const ends = AbortSignal.any([signal, AbortSignal.timeout(leftMs), stop.signal]);
    try {
      for await (const change of this.records.watch({ prefix: key, signal: ends })) {
        if (change.kind === 'deleted') break;
        if (change.kind !== 'value') continue;
        const { data } = FlightRecord.safeParse(change.value);
        if (data?.state === 'done') return await this.#read(data.outputs, signal);
        if (data === undefined) break;
      }
    } finally {
      stop.abort();
    }
    signal.throwIfAborted();
    throw new DomainError('unavailable', 'The replica that worked on it gave up');
  }

  #claimOf(key: string, revision: number): FlightClaim<KeptAnswer> {
    return {
      publish: async ({ outputs }) => {
        const stored = await Promise.all(
          outputs.map(async ({ data, shape, ...head }) => ({
            ...head,
            shape: [...shape],
            data: await this.blobs.put(data, MEDIA_TYPE, {
              ttlMs: OUTPUT_TTL_MS,
              inline: data.byteLength <= INLINE_BYTES / outputs.length,
            }),
          })),
        );
        await this.records.put(key, { state: 'done', outputs: stored } satisfies FlightRecord, revision);
      },
      abandon: () => this.records.delete(key, revision),
    };
  }

  async #read(outputs: readonly z.output<typeof StoredTensor>[], signal: AbortSignal): Promise<KeptAnswer> {
    return {
      outputs: await Promise.all(
        outputs.map(async ({ data, ...head }) => ({ ...head, data: await this.blobs.get(data, { signal }) })),
      ),
    };
  }
}

/** Of one record's values together; a record holds 512 KiB. */
const INLINE_BYTES = 256 * 1024;
