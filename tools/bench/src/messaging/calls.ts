import { connect } from '@nats-io/transport-node';
import { Logger } from '@nestjs/common';
import { ClientProxyFactory, Transport } from '@nestjs/microservices';
import { connectMessaging } from '@trivium/messaging';
import { firstValueFrom } from 'rxjs';
import { quantile, type Sample } from '../harness/rounds.js';
import { BARE_SUBJECT, count, echo, NEST_COUNT, NEST_ECHO, PAYLOAD } from './contracts.js';

const WARM_UP_MS = 300;
const MEASURE_MS = 1_500;

/** One contender's client. */
export interface Caller extends AsyncDisposable {
  call(): Promise<unknown>;
  /** Reads a stream of so many parts to its end; the number that came. */
  read?(parts: number): Promise<number>;
}

export async function triviumCaller(servers: string): Promise<Required<Caller>> {
  const messaging = await connectMessaging({ name: 'bench-caller', servers });
  return {
    call: () => messaging.call(echo, PAYLOAD),
    read: async (parts) => {
      let seen = 0;
      for await (const _part of messaging.stream(count, { parts })) seen += 1;
      return seen;
    },
    [Symbol.asyncDispose]: () => messaging[Symbol.asyncDispose](),
  };
}

/** The strongest form of the peer: ready bytes, no decoding, no stack traces kept for errors. */
export async function bareCaller(servers: string): Promise<Caller> {
  const connection = await connect({ servers, noAsyncTraces: true });
  const bytes = Buffer.from(JSON.stringify(PAYLOAD));
  return {
    call: () => connection.request(BARE_SUBJECT, bytes, { timeout: 30_000 }),
    [Symbol.asyncDispose]: () => connection.close(),
  };
}

export async function nestCaller(servers: string): Promise<Required<Caller>> {
  Logger.overrideLogger(false); // its chatter would stand in the table
  const client = ClientProxyFactory.create({ transport: Transport.NATS, options: { servers: [servers] } });
  await client.connect();
  return {
    call: () => firstValueFrom(client.send(NEST_ECHO, PAYLOAD)),
    read: (parts) =>
      new Promise((resolve, reject) => {
        let seen = 0;
        client.send(NEST_COUNT, { parts }).subscribe({
          next: () => void (seen += 1),
          error: reject,
          complete: () => resolve(seen),
        });
      }),
    [Symbol.asyncDispose]: async () => client.close(),
  };
}

/** Calls by so many clients that each wait for their answer: rate and latency. */
export async function measureCalls(caller: Caller, inFlight: number): Promise<Sample> {
  await drive(caller, inFlight, WARM_UP_MS);
  const { latencies, elapsedMs } = await drive(caller, inFlight, MEASURE_MS);
  return {
    rate: (latencies.length * 1_000) / elapsedMs,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
  };
}

async function drive(
  caller: Caller,
  inFlight: number,
  durationMs: number,
): Promise<{ latencies: readonly number[]; elapsedMs: number }> {
  const latencies: number[] = [];
  const startedAt = performance.now();
  const client = async () => {
    for (let now = performance.now(); now - startedAt < durationMs;) {
      await caller.call();
      const after = performance.now();
      latencies.push(after - now);
      now = after;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, client));
  return { latencies, elapsedMs: performance.now() - startedAt };
}

const PARTS = 20_000;

export async function measureStream({ read }: Required<Caller>): Promise<Sample> {
  await read(PARTS / 10);
  const startedAt = performance.now();
  const seen = await read(PARTS);
  if (seen !== PARTS) throw new Error(`${seen} of ${PARTS} parts arrived.`);
  return { rate: (PARTS * 1_000) / (performance.now() - startedAt) };
}
