import type { ServerResponse } from 'node:http';
import { DomainError } from '@trivium/contracts';
import type { FastifyReply } from 'fastify';
import { toFailure } from '../errors/failure.js';
import { streamFinished, type StreamOutcome } from '../events.js';
import { clientLeft, type Exchange } from '../http/exchange.js';
import { dataFrame, type EventStream, HEARTBEAT } from './event-stream.js';

export interface EventWriterOptions {
  readonly heartbeatMs: number;
  readonly stallTimeoutMs: number;
}

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const;

/**
 * Writes a stream no faster than its client reads, so that a slow client stops the producer instead of
 * filling memory here.
 */
export class EventWriter {
  readonly #options: EventWriterOptions;

  constructor(options: EventWriterOptions) {
    this.#options = options;
  }

  /** Rejects only while nothing was written: then the failure can still be an answer with a status. */
  async write(stream: EventStream, reply: FastifyReply, exchange: Exchange): Promise<void> {
    const frames = stream.frames[Symbol.asyncIterator]();
    const first = frames.next();
    await within(first, this.#options.heartbeatMs);
    reply.hijack();
    const response = reply.raw as ServerResponse;
    response.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), ...HEADERS });
    let outcome: StreamOutcome = 'completed';
    using heartbeat = this.#heartbeat(response);
    try {
      for (let next = await first; !next.done; next = await frames.next()) {
        if (response.destroyed) throw clientLeft();
        if (!response.write(next.value)) await this.#drained(response, exchange);
        heartbeat.restart();
      }
    } catch (error) {
      outcome = outcomeOf(error);
      if (!response.destroyed) response.write(dataFrame(toFailure(error, exchange.requestId).body));
    } finally {
      await frames.return?.();
      response.end();
      streamFinished({ outcome });
    }
  }

  /** The comment is left out while earlier bytes still wait for the reader. */
  #heartbeat(response: ServerResponse): { restart(): void } & Disposable {
    const timer = setTimeout(() => {
      if (!response.destroyed && !response.writableNeedDrain) response.write(HEARTBEAT);
      timer.refresh();
    }, this.#options.heartbeatMs);
    return { restart: () => void timer.refresh(), [Symbol.dispose]: () => clearTimeout(timer) };
  }

  async #drained(response: ServerResponse, exchange: Exchange): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const left = () => reject(clientLeft());
    const stalled = setTimeout(() => {
      const reason = new DomainError('cancelled', 'The reader took nothing for too long.', {
        details: { stalled: true },
      });
      exchange.stop(reason);
      reject(reason);
      response.destroy();
    }, this.#options.stallTimeoutMs);
    const stopped = () => reject(exchange.signal.reason);
    response.once('drain', resolve).once('close', left);
    exchange.signal.addEventListener('abort', stopped, { once: true });
    try {
      await promise;
    } finally {
      clearTimeout(stalled);
      response.off('drain', resolve).off('close', left);
      exchange.signal.removeEventListener('abort', stopped);
    }
  }
}

/** Waits for the first frame, but not past the time when a silent client would wonder. */
async function within(first: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    await Promise.race([first, late]);
  } finally {
    clearTimeout(timer);
  }
}

function outcomeOf(error: unknown): StreamOutcome {
  if (!DomainError.is(error) || error.code !== 'cancelled') return 'failed';
  return error.details?.['stalled'] === true ? 'stalled' : 'disconnected';
}
