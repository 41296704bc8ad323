import type { Msg } from '@nats-io/nats-core';
import { DomainError } from '@trivium/contracts';
import { Work } from '../answer/work.js';
import { tooLarge } from '../call/outgoing.js';
import type { Correspondent } from '../connection/inbox.js';
import { encodeError } from '../wire/body.js';
import { isNoResponders } from '../wire/headers.js';
import { BEAT_MS, CANCEL, decodeCredit, encodeFrame, FRAME, type FrameKind, SILENCE_MS } from './frame.js';

function readerLeft(why: string): DomainError {
  return new DomainError('cancelled', `The reader of the stream ${why}.`);
}

/** The producing end: pulls the handler's next part only when the reader has granted it a place. */
export class StreamWork extends Work implements Correspondent {
  #granted = 0;
  #sent = 0;
  #address = 0;
  #heardAt = 0;
  #spokenAt = 0;
  #isOver = false;
  #wake: (() => void) | undefined;

  /** From arrival on, though it may still wait for a place: the reader learns where to say that it left. */
  open(window: number): void {
    this.#granted = Math.max(1, window);
    this.#heardAt = performance.now();
    this.#address = this.connection.inbox.open(this);
    this.#say(FRAME.open);
  }

  receive(message: Msg): void {
    if (isNoResponders(message)) return this.abort(readerLeft('is gone'));
    this.#heardAt = performance.now();
    let granted: number;
    try {
      granted = decodeCredit(message.data);
    } catch {
      return;
    }
    if (granted === CANCEL) return this.abort(readerLeft('left'));
    if (granted > this.#granted) {
      this.#granted = granted;
      this.#wakeUp();
    }
  }

  tick(now: number): void {
    if (now - this.#heardAt >= SILENCE_MS) this.abort(readerLeft('fell silent'));
    else if (now - this.#spokenAt >= BEAT_MS) this.#say(FRAME.beat);
  }

  /** Parts that were under way are lost, so this sequence cannot be made whole again. */
  lost(error: DomainError): void {
    this.abort(error);
  }

  override refuse(error: DomainError): void {
    this.#close(FRAME.error, encodeError(error));
  }

  protected override aborted(reason: DomainError): void {
    this.refuse(reason);
    this.#wakeUp();
  }

  protected override async answer(request: unknown): Promise<DomainError | undefined> {
    try {
      const parts = (await this.endpoint.handle(request, this)) as AsyncIterable<unknown>;
      await this.#pump(parts[Symbol.asyncIterator]());
      this.#close(FRAME.end);
      return this.abortReason;
    } catch (thrown) {
      const error = this.expected(thrown);
      this.refuse(error);
      return error;
    }
  }

  async #pump(parts: AsyncIterator<unknown>): Promise<void> {
    for (;;) {
      while (this.#sent >= this.#granted && this.abortReason === undefined) await this.#credit();
      if (this.abortReason !== undefined) break;
      const part = await parts.next();
      if (part.done === true) return;
      if (this.abortReason !== undefined) break;
      try {
        this.#send(part.value);
      } catch (error) {
        await parts.return?.();
        throw error;
      }
    }
    await parts.return?.();
  }

  #credit(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  #send(part: unknown): void {
    const { maxPayload } = this.connection;
    const frame = encodeFrame(FRAME.part, this.#sent, part);
    if (frame.length > maxPayload) throw tooLarge('A part', frame.length, maxPayload);
    this.#publish(frame);
    this.#sent += 1;
  }

  #say(kind: FrameKind, body?: unknown): void {
    this.#publish(encodeFrame(kind, this.#sent, body));
  }

  /** @NOTE with a reply subject the server itself reports, on the next frame, that the reader is gone. */
  #publish(frame: Uint8Array): void {
    if (!this.connection.isConnected) return;
    const { outbox, inbox } = this.connection;
    this.#spokenAt = performance.now();
    outbox.send(this.replyTo, frame, { reply: inbox.subject(this.#address) });
  }

  #close(kind: FrameKind, body?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.connection.inbox.close(this.#address);
    this.#say(kind, body);
  }
}
