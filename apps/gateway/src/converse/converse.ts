import { DomainError, type RequestOf } from '@trivium/contracts';
import { converse, type ConversePart } from '@trivium/contracts/router';
import type { Messaging } from '@trivium/messaging';
import { firstToken } from '../events.js';
import type { Exchange } from '../http/exchange.js';

export type Turn = RequestOf<typeof converse>;

/** One turn of a conversation, as parts that come while the answer is made; the last one is always `turn-end`. */
export class Converse {
  constructor(private readonly messaging: Messaging) {}

  async *execute(turn: Turn, exchange: Exchange): AsyncGenerator<ConversePart> {
    let waiting = true;
    let ended = false;
    for await (const part of this.messaging.stream(converse, turn, {
      context: exchange,
      deadline: exchange.remaining(),
    })) {
      ended = part.type === 'turn-end';
      if (waiting && part.type !== 'route-decided') {
        waiting = false;
        firstToken({ seconds: (performance.now() - exchange.arrivedAt) / 1_000 });
      }
      yield part;
    }
    if (!ended) throw new DomainError('upstream_error', 'The answer broke off before its end.');
  }
}
