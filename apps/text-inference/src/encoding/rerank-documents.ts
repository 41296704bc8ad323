import { DomainError, type ParsedRequestOf, type ReplyOf } from '@trivium/contracts';
import type { rerank } from '@trivium/contracts/text-inference';
import type { Caller } from '@trivium/inference';
import { textsEncoded } from '../events.js';
import { type EmbedTexts, MOST_AT_ONCE, tokensOf } from './embed-texts.js';
import type { EncoderModels } from './encoder-models.js';
import { executionOf } from './execution.js';
import { inParallel, inTurns } from './in-parallel.js';
import { cosine, floatsOf } from './vectors.js';

type Request = ParsedRequestOf<typeof rerank>;
type Reply = ReplyOf<typeof rerank>;

/** Relevance of documents to a query: by a cross-encoder, or by similarity where the model is one that embeds. */
export class RerankDocuments {
  constructor(
    private readonly models: EncoderModels,
    private readonly embedTexts: EmbedTexts,
  ) {}

  async execute(request: Request, caller: Caller): Promise<Reply> {
    return this.#byVectors(request.model)
      ? this.#bySimilarity(request, caller)
      : this.#byCrossEncoder(request, caller);
  }

  #byVectors(model: string | undefined): boolean {
    if (model !== undefined) return this.models.taskOf(model) === 'embed';
    return !this.models.has('rerank') && this.models.has('embed');
  }

  async #byCrossEncoder(
    { query, documents, truncate, topN, model }: Request,
    caller: Caller,
  ): Promise<Reply> {
    const startedAt = performance.now();
    const encoder = await this.models.find(model, 'rerank', caller.signal);
    if (encoder.width > 2) {
      throw new DomainError(
        'model_not_available',
        `${encoder.id} has ${encoder.width} classes, not a score.`,
        {
          param: 'model',
        },
      );
    }
    const pairs = await inTurns(documents, (text, index) =>
      encoder.pair(query, text, truncate, `documents[${index}]`),
    );
    const encoded = await inParallel(pairs, MOST_AT_ONCE, (pair) => encoder.encode(pair, caller));
    const inputTokens = tokensOf(pairs);
    const durationMs = performance.now() - startedAt;
    textsEncoded({ operation: 'rerank', model: encoder.id, durationMs, inputTokens });
    return {
      model: encoder.id,
      results: best(
        encoded.map(({ values }) => probabilityOf(values)),
        topN,
      ),
      inputTokens,
      execution: executionOf(
        encoder.id,
        encoded.map(({ explain }) => explain),
      ),
    };
  }

  async #bySimilarity({ query, documents, truncate, topN, model }: Request, caller: Caller): Promise<Reply> {
    const [asked, found] = await Promise.all([
      this.#vectors({ inputs: [query], purpose: 'query', truncate, model }, caller, () => 'query'),
      this.#vectors({ inputs: documents, purpose: 'document', truncate, model }, caller, (param) =>
        param.replace('inputs', 'documents'),
      ),
    ]);
    const width = found.dimensions;
    const one = floatsOf(asked.vectors);
    const all = floatsOf(found.vectors);
    const scores = documents.map((_, index) =>
      shareOf(cosine(one, all.subarray(index * width, (index + 1) * width))),
    );
    return {
      model: found.model,
      results: best(scores, topN),
      inputTokens: asked.inputTokens + found.inputTokens,
      execution: found.execution,
    };
  }

  async #vectors(
    request: Parameters<EmbedTexts['execute']>[0],
    caller: Caller,
    named: (param: string) => string,
  ): ReturnType<EmbedTexts['execute']> {
    try {
      return await this.embedTexts.execute(request, caller);
    } catch (error) {
      if (!DomainError.is(error) || error.param?.startsWith('inputs') !== true) throw error;
      const { code, message, retryable, retryAfterMs, details, param } = error;
      throw new DomainError(code, message, {
        param: named(param),
        retryable,
        retryAfterMs,
        details,
        cause: error,
      });
    }
  }
}

/** Of one logit its sigmoid, of two the share of the second: "relevant" in every published cross-encoder. */
function probabilityOf(logits: Float32Array): number {
  const [first = 0, second] = logits;
  const logit = second === undefined ? first : second - first;
  return 1 / (1 + Math.exp(-logit));
}

/** From -1 to 1 onto 0 to 1, so that clients need not know which kind of model answered; rounding goes no further. */
function shareOf(similarity: number): number {
  return Math.min(1, Math.max(0, (1 + similarity) / 2));
}

/** Best first; equal ones in the order given. */
function best(scores: readonly number[], most: number | undefined): Reply['results'] {
  return scores
    .map((score, index) => ({ index, score }))
    .sort((one, other) => other.score - one.score)
    .slice(0, most);
}
