import { DomainError, type RequestOf } from '@trivium/contracts';
import { converse, type ConversePart } from '@trivium/contracts/router';
import type { Messaging } from '@trivium/messaging';
import { firstToken } from '../events.js';
import type { Exchange } from '../http/exchange.js';
import { namedByCaller, type ParamNames } from './caller-params.js';
import { Patience, type PatienceLimits } from './patience.js';

export type Turn = RequestOf<typeof converse>;

type Picture = Extract<ConversePart, { type: 'picture' }>;
/** What is left when pictures have become text. */
export type SpokenPart = Exclude<ConversePart, Picture>;

const MAX_PICTURE_BYTES = 1024 * 1024;

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
  whole(turn: Turn, exchange: Exchange, options: TurnOptions): AsyncGenerator<SpokenPart> {
    return this.#parts(turn, exchange, options, undefined);
  }

  /** For an answer that is sent as it grows; it may neither begin late nor pause for long. */
  streamed(turn: Turn, exchange: Exchange, options: TurnOptions): AsyncGenerator<SpokenPart> {
    return this.#parts(turn, exchange, options, this.limits);
  }

  async *#parts(
    turn: Turn,
    exchange: Exchange,
    { params, stop }: TurnOptions,
    limits: PatienceLimits | undefined,
  ): AsyncGenerator<SpokenPart> {
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
        yield part.type === 'picture' ? await this.#asText(part, signal) : part;
        patience?.wait();
      }
    } catch (error) {
      throw namedByCaller(error, params);
    }
    if (!ended) throw new DomainError('upstream_error', 'The answer broke off before its end.');
  }

  /** OpenAI's answers are text: a picture goes into it as Markdown, bytes and all. */
  async #asText({ image, alt }: Picture, signal: AbortSignal | undefined): Promise<SpokenPart> {
    const bytes = await this.messaging.blobs.get(image, { maxBytes: MAX_PICTURE_BYTES, signal });
    const base64 = Buffer.from(bytes).toString('base64');
    return {
      type: 'text-delta',
      text: `![${alt}](data:${image.mediaType};base64,${base64})\n\n`,
      sentenceEnd: true,
    };
  }
}
