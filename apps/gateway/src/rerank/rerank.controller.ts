import { Controller, Inject } from '@nestjs/common';
import { newId } from '../converse/identifier.js';
import { type AnswerOf, endpoint, type InputOf } from '../http/endpoint.js';
import type { Exchange } from '../http/exchange.js';
import { Serves } from '../http/serves.js';
import { RankDocuments, textOf } from './rank-documents.js';
import { Rerank, RERANK_REFUSALS, RerankRequest } from './rerank-shape.js';

export const rerankDocuments = endpoint({
  operationId: 'rerankDocuments',
  method: 'POST',
  path: '/v1/rerank',
  tag: 'Embeddings',
  summary: 'Documents by their relevance to a query, best first',
  access: 'key',
  body: RerankRequest,
  refused: RERANK_REFUSALS,
  reply: Rerank,
});

@Controller()
export class RerankController {
  constructor(@Inject(RankDocuments) private readonly rank: RankDocuments) {}

  @Serves(rerankDocuments)
  async rerank(
    { body }: InputOf<typeof rerankDocuments>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof rerankDocuments>> {
    const { model, results, inputTokens } = await this.rank.execute(body, exchange);
    return {
      id: newId('rerank-'),
      object: 'list',
      model,
      results: results.map(({ index, score }) => {
        const document = body.return_documents === true ? body.documents[index] : undefined;
        const repeated = document === undefined ? {} : { document: { text: textOf(document) } };
        return { index, relevance_score: score, ...repeated };
      }),
      usage: { prompt_tokens: inputTokens, total_tokens: inputTokens },
    };
  }
}
