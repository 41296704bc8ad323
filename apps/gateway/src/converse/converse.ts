import { DomainError, type RequestOf } from '@trivium/contracts';
import { converse, type ConversePart } from '@trivium/contracts/router';
import type { Messaging } from '@trivium/messaging';
import { firstToken } from '../events.js';
import type { Exchange } from '../http/exchange.js';
import { namedByCaller, type ParamNames } from './caller-params.js';
import { Patience, type PatienceLimits } from './patience.js';

export type Turn = RequestOf<typeof converse>;

export interface TurnOptions {
  /** How the caller named what an error may blame. */
  readonly params: ParamNames;
  /** Ends the turn when what it is part of has ended. */
  readonly stop?: AbortSignal | undefined;
}

/** One turn of a conversation, as parts that come while the answer is made; the last one is always `turn-end`. */
export class Converse {
  constructor(
    private readonly messaging: Messaging,
    private readonly limits: PatienceLimits,
  ) {}

  /** For an answer that is sent when it is whole; only the time of the request bounds it. */
  whole(turn: Turn, exchange: Exchange, options: TurnOptions): AsyncGenerator<ConversePart> {
    return this.#parts(turn, exchange, options, undefined);
  }

  /** For an answer that is sent as it grows; it may neither begin late nor pause for long. */
  streamed(turn: Turn, exchange: Exchange, options: TurnOptions): AsyncGenerator<ConversePart> {
    return this.#parts(turn, exchange, options, this.limits);
  }

  async *#parts(
    turn: Turn,
    exchange: Exchange,
    { params, stop }: TurnOptions,
    limits: PatienceLimits | undefined,
  ): AsyncGenerator<ConversePart> {
    using patience = limits && new Patience(limits);
    let begun = false;
    let ended = false;
    const signals = [patience?.signal, stop].filter((signal) => signal !== undefined);
    const signal = signals.length > 1 ? AbortSignal.any(signals) : signals[0];
    try {
      for await (const part of this.messaging.stream(converse, turn, { ...exchange.callOptions, signal })) {
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
    } catch (error) {
      throw namedByCaller(error, params);
    }
    if (!ended) throw new DomainError('upstream_error', 'The answer broke off before its end.');
  }
}
