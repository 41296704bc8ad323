import { DomainError, type RequestOf } from '@trivium/contracts';
import { converse, type ConversePart } from '@trivium/contracts/router';
import type { Messaging } from '@trivium/messaging';
import { firstToken } from '../events.js';
import type { Exchange } from '../http/exchange.js';
import { Patience, type PatienceLimits } from './patience.js';

export type Turn = RequestOf<typeof converse>;

/** One turn of a conversation, as parts that come while the answer is made; the last one is always `turn-end`. */
export class Converse {
  constructor(
    private readonly messaging: Messaging,
    private readonly limits: PatienceLimits,
  ) {}

  /** For an answer that is sent when it is whole; only the time of the request bounds it. */
  whole(turn: Turn, exchange: Exchange): AsyncGenerator<ConversePart> {
    return this.#parts(turn, exchange, undefined);
  }

  /** For an answer that is sent as it grows; it may neither begin late nor pause for long. */
  streamed(turn: Turn, exchange: Exchange): AsyncGenerator<ConversePart> {
    return this.#parts(turn, exchange, this.limits);
  }

  async *#parts(
    turn: Turn,
    exchange: Exchange,
    limits: PatienceLimits | undefined,
  ): AsyncGenerator<ConversePart> {
    using patience = limits && new Patience(limits);
    let begun = false;
    let ended = false;
    const options = { ...exchange.callOptions, signal: patience?.signal };
    for await (const part of this.messaging.stream(converse, turn, options)) {
      patience?.rest();
      ended = part.type === 'turn-end';
      if (!begun && part.type !== 'route-decided') {
        begun = true;
        patience?.begun();
        firstToken({ seconds: (performance.now() - exchange.arrivedAt) / 1_000 });
      }
      yield part;
      patience?.wait();
    }
    if (!ended) throw new DomainError('upstream_error', 'The answer broke off before its end.');
  }
}
