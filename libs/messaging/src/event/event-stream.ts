import {
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import type { EventContract } from '@trivium/contracts';
import type { Connection } from '../connection/connection.js';

/** How long an event waits for a consumer that is away. */
const KEEP_MS = 7 * 24 * 60 * 60 * 1_000;
const KEEP_BYTES = 256 * 1024 * 1024;
/** Within it a repeated message id is stored once. */
const DUPLICATES_MS = 10 * 60 * 1_000;
const NAME_IN_USE = 10058;

/**
 * One stream for each event subject: a stream over `<service>.>` would also acknowledge that
 * service's calls.
 */
export function streamName(contract: EventContract): string {
  return `EVENTS_${contract.subject.replaceAll('.', '_')}`;
}

/** Publisher and consumer both make sure of the stream, so it does not matter who starts first. */
export async function ensureEventStream(
  connection: Connection,
  contract: EventContract,
): Promise<JetStreamManager> {
  const manager = await jetstreamManager(connection.nats, { checkAPI: false });
  try {
    await manager.streams.add({
      name: streamName(contract),
      subjects: [contract.subject],
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      discard: DiscardPolicy.Old,
      max_age: nanos(KEEP_MS),
      max_bytes: KEEP_BYTES,
      duplicate_window: nanos(DUPLICATES_MS),
      num_replicas: connection.replicas,
    });
  } catch (error) {
    // @NOTE an operator may have given it other limits; theirs win
    if (!(error instanceof JetStreamApiError && error.code === NAME_IN_USE)) throw error;
  }
  return manager;
}
