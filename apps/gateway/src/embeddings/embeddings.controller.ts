import { Controller, Inject } from '@nestjs/common';
import { type AnswerOf, endpoint, type InputOf } from '../http/endpoint.js';
import type { Exchange } from '../http/exchange.js';
import { Serves } from '../http/serves.js';
import { CreateEmbeddings } from './create-embeddings.js';
import { embeddingText, embeddingValues } from './embedding-values.js';
import { Embeddings, EMBEDDINGS_REFUSALS, EmbeddingsRequest } from './embeddings-shape.js';

export const createEmbeddings = endpoint({
  operationId: 'createEmbeddings',
  method: 'POST',
  path: '/v1/embeddings',
  tag: 'Embeddings',
  summary: 'Texts as vectors of length 1, of which alike ones lie near each other',
  access: 'key',
  body: EmbeddingsRequest,
  refused: EMBEDDINGS_REFUSALS,
  reply: Embeddings,
});

@Controller()
export class EmbeddingsController {
  constructor(@Inject(CreateEmbeddings) private readonly create: CreateEmbeddings) {}

  @Serves(createEmbeddings)
  async embed(
    { body }: InputOf<typeof createEmbeddings>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof createEmbeddings>> {
    const { model, vectors, inputTokens } = await this.create.execute(body, exchange);
    const written = body.encoding_format === 'base64' ? embeddingText : embeddingValues;
    return {
      object: 'list',
      data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: written(vector) })),
      model,
      usage: { prompt_tokens: inputTokens, total_tokens: inputTokens },
    };
  }
}
