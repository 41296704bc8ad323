import type { Waiting } from '../batching/entry.js';

/** What has become of a sequence so far. Durations in milliseconds. */
export interface SequenceExecution {
  readonly queueMs: number;
  /** Of the steps that it was part of. */
  readonly computeMs: number;
  readonly steps: number;
  /** Sequences that shared its steps, on average, itself included. */
  readonly meanBatchSize: number;
}

/** Pieces as they are made. Leaving the loop early ends the sequence. */
export interface SequenceStream<Piece> extends AsyncIterable<Piece> {
  execution(): SequenceExecution;
}

interface SequenceHooks {
  /** The consumer has taken something: a paused sequence may go on. */
  readonly onRead: () => void;
  /** No piece comes any more. */
  readonly onEnd: () => void;
  /** The consumer left, at the end or before it. */
  readonly onLeave: () => void;
}

/** One sequence: its place in the line, its pieces between the steps and the consumer. */
export class Sequence<Input, Piece> implements Waiting, SequenceStream<Piece> {
  readonly items = 1;
  readonly bucket = '';
  readonly alone = false;
  readonly #buffer: Piece[] = [];
  #end: { readonly error?: unknown } | undefined;
  #wakeConsumer: (() => void) | undefined;
  #startedAt: number | undefined;
  #computeMs = 0;
  #mates = 0;
  steps = 0;
  /** Steps since it last began; those before a loss count for nothing. */
  turns = 0;
  losses = 0;
  /** Whether a piece was made, which a new beginning could not take back. */
  hasShown = false;
  /** Since when nobody reads, on the batcher's clock. */
  pausedSince: number | undefined;

  constructor(
    readonly id: number,
    readonly input: Input,
    readonly cost: number,
    readonly level: number,
    readonly tenant: string,
    readonly enteredAt: number,
    public expiresAt: number,
    readonly deadline: number,
    private readonly hooks: SequenceHooks,
  ) {}

  get sequence(): number {
    return this.id;
  }

  get arrivedAt(): number {
    return this.enteredAt;
  }

  get ended(): boolean {
    return this.#end !== undefined;
  }

  get buffered(): number {
    return this.#buffer.length;
  }

  joined(now: number): void {
    this.#startedAt ??= now;
  }

  stepped(mates: number, computeMs: number): void {
    this.steps += 1;
    this.turns += 1;
    this.#mates += mates;
    this.#computeMs += computeMs;
  }

  push(pieces: readonly Piece[]): void {
    if (this.ended) return;
    this.hasShown ||= pieces.length > 0;
    this.#buffer.push(...pieces);
    this.#wakeConsumer?.();
  }

  finish(): void {
    this.#close({});
  }

  /** What was made before the failure is still delivered. */
  fail(error: unknown): void {
    this.#close({ error });
  }

  #close(end: { readonly error?: unknown }): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.hooks.onEnd();
    this.#wakeConsumer?.();
  }

  execution(): SequenceExecution {
    return {
      queueMs: this.#startedAt === undefined ? 0 : this.#startedAt - this.enteredAt,
      computeMs: this.#computeMs,
      steps: this.steps,
      meanBatchSize: this.steps === 0 ? 0 : this.#mates / this.steps,
    };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Piece> {
    try {
      for (;;) {
        const [piece] = this.#buffer.splice(0, 1);
        if (piece !== undefined) {
          this.hooks.onRead();
          yield piece;
        } else if (this.#end === undefined) {
          const { promise, resolve } = Promise.withResolvers<undefined>();
          this.#wakeConsumer = () => resolve(undefined);
          await promise;
          this.#wakeConsumer = undefined;
        } else if ('error' in this.#end) {
          throw this.#end.error;
        } else {
          return;
        }
      }
    } finally {
      this.hooks.onLeave();
    }
  }
}
