import type { DomainError } from '@trivium/contracts';
import { tooLarge } from '../call/outgoing.js';
import { encodeBody, encodeError } from '../wire/body.js';
import { ERROR_REPLY } from '../wire/headers.js';
import { Work } from './work.js';

/** A call being answered. */
export class CallWork extends Work {
  #isAnswered = false;

  override refuse(error: DomainError): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.#publish(encodeError(error), true);
  }

  protected override aborted(reason: DomainError): void {
    this.refuse(reason);
  }

  protected override async answer(request: unknown): Promise<DomainError | undefined> {
    try {
      const reply = encodeBody(await this.endpoint.handle(request, this));
      const { maxPayload } = this.connection;
      if (reply.length > maxPayload) throw tooLarge('An answer', reply.length, maxPayload);
      if (!this.#isAnswered) {
        this.#isAnswered = true;
        this.#publish(reply, false);
      }
      return undefined;
    } catch (thrown) {
      const error = this.expected(thrown);
      this.refuse(error);
      return error;
    }
  }

  #publish(body: Uint8Array, isError: boolean): void {
    if (this.connection.isConnected) this.#send(body, isError);
    else void this.#sendLater(body, isError);
  }

  /** An answer made while the connection was away is kept for a caller who may still wait for it. */
  async #sendLater(body: Uint8Array, isError: boolean): Promise<void> {
    if (await this.connection.settle(this.remaining())) this.#send(body, isError);
  }

  #send(body: Uint8Array, isError: boolean): void {
    this.connection.outbox.send(this.replyTo, body, isError ? { headers: ERROR_REPLY } : undefined);
  }
}
