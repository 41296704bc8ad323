import { DomainError, type ReplyOf } from '@trivium/contracts';
import { rerank } from '@trivium/contracts/text-inference';
import type { Messaging } from '@trivium/messaging';
import { boundedText } from '../embeddings/long-text.js';
import { forEachPart, messageParts } from '../embeddings/message-parts.js';
import type { Exchange } from '../http/exchange.js';
import type { RerankRequest } from './rerank-shape.js';

type Reply = ReplyOf<typeof rerank>;

export interface Ranking {
  readonly model: string;
  readonly inputTokens: number;
  /** Best first. */
  readonly results: Reply['results'];
}

/** Asks for the relevance of any number of documents, in as many messages as they take. */
export class RankDocuments {
  constructor(private readonly messaging: Messaging) {}

  async execute(request: RerankRequest, exchange: Exchange): Promise<Ranking> {
    const truncate = request.truncate ?? true;
    const query = boundedText(request.query, truncate, 'query');
    const texts = request.documents.map((document, index) =>
      boundedText(textOf(document), truncate, paramOf(document, index)),
    );
    const replies = await forEachPart(
      messageParts(texts, (text) => Buffer.byteLength(text)),
      async ({ items, offset }) => {
        try {
          const { model } = request;
          const asked = { query, documents: [...items], truncate, ...(model ? { model } : {}) };
          const reply = await this.messaging.call(rerank, asked, exchange.callOptions);
          return { ...reply, results: reply.results.map((one) => ({ ...one, index: one.index + offset })) };
        } catch (error) {
          throw asWritten(error, request, offset);
        }
      },
    );
    return {
      model: replies[0]?.model ?? '',
      inputTokens: replies.reduce((sum, { inputTokens }) => sum + inputTokens, 0),
      results: replies
        .flatMap(({ results }) => results)
        .sort((one, other) => other.score - one.score || one.index - other.index)
        .slice(0, request.top_n ?? undefined),
    };
  }
}

export function textOf(document: RerankRequest['documents'][number]): string {
  return typeof document === 'string' ? document : document.text;
}

function paramOf(document: RerankRequest['documents'][number] | undefined, index: number): string {
  return typeof document === 'object' ? `documents[${index}].text` : `documents[${index}]`;
}

/** `documents[3]` of a part is what the client calls `documents[67]`. */
function asWritten(error: unknown, { documents }: RerankRequest, offset: number): unknown {
  if (!DomainError.is(error)) return error;
  const found = /^documents\[(\d+)\]$/u.exec(error.param ?? '');
  if (found === null) return error;
  const index = offset + Number(found[1]);
  const { code, message, retryable, retryAfterMs, details } = error;
  const param = paramOf(documents[index], index);
  return new DomainError(code, message, { param, retryable, retryAfterMs, details, cause: error });
}
