import { randomBytes, randomUUID } from 'node:crypto';
import { Objm, StorageType } from '@nats-io/obj';
import { connect } from '@nats-io/transport-node';
import { connectMessaging } from '@trivium/messaging';
import type { Sample } from '../harness/rounds.js';

/** Writes bytes, reads them back and deletes them. */
export interface BlobStore extends AsyncDisposable {
  roundTrip(bytes: Uint8Array): Promise<number>;
}

export async function triviumBlobs(servers: string): Promise<BlobStore> {
  const messaging = await connectMessaging({ name: 'bench-blobs', servers });
  return {
    roundTrip: async (bytes) => {
      const binary = await messaging.blobs.put(bytes, 'application/octet-stream');
      const read = await messaging.blobs.get(binary);
      await messaging.blobs.delete(binary);
      return read.length;
    },
    [Symbol.asyncDispose]: () => messaging[Symbol.asyncDispose](),
  };
}

export async function bareBlobs(servers: string): Promise<BlobStore> {
  const connection = await connect({ servers });
  const store = await new Objm(connection).create('bench', { storage: StorageType.File });
  return {
    roundTrip: async (bytes) => {
      const name = randomUUID();
      await store.putBlob({ name }, bytes);
      const read = await store.getBlob(name);
      await store.delete(name);
      return read?.length ?? 0;
    },
    [Symbol.asyncDispose]: () => connection.close(),
  };
}

const MEASURE_MS = 2_000;

export async function measureBlobs(store: BlobStore, megabytes: number): Promise<Sample> {
  const bytes = randomBytes(megabytes * 1_000_000);
  await store.roundTrip(bytes);
  const startedAt = performance.now();
  let trips = 0;
  while (performance.now() - startedAt < MEASURE_MS) {
    if ((await store.roundTrip(bytes)) !== bytes.length) throw new Error('A blob came back short.');
    trips += 1;
  }
  return { rate: (trips * 1_000) / (performance.now() - startedAt) };
}
