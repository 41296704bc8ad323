import { DomainError, type ReplyOf } from '@trivium/contracts';
import { embed } from '@trivium/contracts/text-inference';
import type { Messaging } from '@trivium/messaging';
import type { Exchange } from '../http/exchange.js';
import type { EmbeddingsRequest, Input } from './embeddings-shape.js';
import { boundedText } from './long-text.js';
import { forEachPart, messageParts } from './message-parts.js';

type Reply = ReplyOf<typeof embed>;
type One = string | number[];

/** A token id and its mark in a message. */
const BYTES_PER_TOKEN = 5;

export interface EmbeddingsAnswer {
  readonly model: string;
  readonly dimensions: number;
  readonly inputTokens: number;
  /** Bytes of one vector each, little-endian float32, in the order of the inputs. */
  readonly vectors: readonly Uint8Array[];
}

/** Asks for the vectors of any number of texts, in as many messages as they take. */
export class CreateEmbeddings {
  constructor(private readonly messaging: Messaging) {}

  async execute(request: EmbeddingsRequest, exchange: Exchange): Promise<EmbeddingsAnswer> {
    const { input, model, dimensions, input_type: purpose } = request;
    const truncate = request.truncate ?? false;
    const all = inputsOf(input).map((one, index) =>
      typeof one === 'string' ? boundedText(one, truncate, paramOf(input, index, '')) : one,
    );
    const replies = await forEachPart(messageParts(all, bytesOf), async ({ items, offset }) => {
      try {
        return await this.messaging.call(
          embed,
          {
            model,
            inputs: [...items],
            truncate,
            ...(dimensions === undefined || dimensions === null ? {} : { dimensions }),
            ...(purpose === undefined || purpose === null ? {} : { purpose }),
          },
          exchange.callOptions,
        );
      } catch (error) {
        throw asWritten(error, input, offset);
      }
    });
    return joined(replies);
  }
}

function joined(replies: readonly Reply[]): EmbeddingsAnswer {
  const [first] = replies;
  if (first === undefined) throw new TypeError('An input has at least one part');
  const { model, dimensions } = first;
  if (replies.some((reply) => reply.dimensions !== dimensions)) {
    throw new DomainError('unavailable', 'The model was replaced meanwhile. Send the request again.', {
      retryAfterMs: 0,
    });
  }
  const size = dimensions * 4;
  return {
    model,
    dimensions,
    inputTokens: replies.reduce((sum, { inputTokens }) => sum + inputTokens, 0),
    vectors: replies.flatMap(({ vectors }) =>
      Array.from({ length: vectors.byteLength / size }, (_, index) =>
        vectors.subarray(index * size, (index + 1) * size),
      ),
    ),
  };
}

function inputsOf(input: Input): One[] {
  if (typeof input === 'string') return [input];
  return isOne(input) ? [input as number[]] : (input as One[]);
}

/** Whether it is the token ids of a single text. */
function isOne(input: Input): boolean {
  return typeof input === 'string' || typeof input[0] === 'number';
}

function bytesOf(one: One): number {
  return typeof one === 'string' ? Buffer.byteLength(one) : one.length * BYTES_PER_TOKEN;
}

function paramOf(input: Input, index: number, rest: string): string {
  return isOne(input) ? `input${rest}` : `input[${index}]${rest}`;
}

/** `inputs[3]` of a part is what the client calls `input[67]`. */
function asWritten(error: unknown, input: Input, offset: number): unknown {
  if (!DomainError.is(error)) return error;
  const found = /^inputs\[(\d+)\](.*)$/u.exec(error.param ?? '');
  if (found === null) return error;
  const { code, message, retryable, retryAfterMs, details } = error;
  const param = paramOf(input, offset + Number(found[1]), found[2] ?? '');
  return new DomainError(code, message, { param, retryable, retryAfterMs, details, cause: error });
}
