import { DomainError, type ErrorCode, type PartOf } from '@trivium/contracts';
import type { GenerateRequest } from '@trivium/contracts/generate';
import type { generate } from '@trivium/contracts/text-inference';
import type { CallContext } from '@trivium/messaging';
import type { ModelCatalogue } from '../catalogue/model-catalogue.js';
import type { OpenedGeneration, RawPart, TextModel, TextPlacementV1 } from '../catalogue/text-model.js';
import { firstTokenArrived, generationFailed, generationFinished, placementFailed } from '../events.js';
import { checkStructure } from '../structure/check-structure.js';
import { validatedParts } from '../structure/validated-generation.js';
import { DeltaLogprobs } from './delta-logprobs.js';
import { leastTokens } from './least-tokens.js';
import { SentenceMarker } from './sentence-marker.js';

type Part = PartOf<typeof generate>;
type Call = Pick<CallContext, 'signal' | 'requestId' | 'tenant' | 'priority' | 'remaining'>;

/** Finds the model, opens the first placement that answers, and streams what it says. */
export class GenerateText {
  constructor(private readonly catalogue: ModelCatalogue) {}

  async *execute(request: GenerateRequest, call: Call): AsyncGenerator<Part, void, undefined> {
    const model = this.catalogue.find(request.model);
    checkStructure(request);
    const startedAt = performance.now();
    const elapsed = (): number => performance.now() - startedAt;
    let started = false;
    let outcome: ErrorCode | 'finished' | 'unknown' = 'cancelled'; // unless something else becomes known
    try {
      const { placement, opened } = await this.#open(model, request, call);
      const firstTokenMs = elapsed();
      firstTokenArrived({ model: model.id, firstTokenMs });
      try {
        started = true;
        yield { type: 'generation-start', model: model.id, placement: placement.name };
        for await (const part of deltasOf(validatedParts(request, placement, opened, call))) {
          if (part.type === 'generation-end') {
            outcome = 'finished';
            generationFinished({
              model: model.id,
              requestId: call.requestId,
              durationMs: elapsed(),
              firstTokenMs,
              usage: part.usage,
            });
          }
          yield part;
        }
      } finally {
        await opened.rest.return();
      }
    } catch (error) {
      outcome = DomainError.is(error) ? error.code : 'unknown';
      throw error;
    } finally {
      if (outcome !== 'finished') {
        generationFailed({
          model: model.id,
          requestId: call.requestId,
          durationMs: elapsed(),
          code: outcome,
          started,
        });
      }
    }
  }

  /** Falls back along the placements until one has sent its first token; after that there is no way back. */
  async #open(
    model: TextModel,
    request: GenerateRequest,
    call: Call,
  ): Promise<{ placement: TextPlacementV1; opened: OpenedGeneration }> {
    const faults: DomainError[] = [];
    const placements = withRoom(model.placements, request);
    for (const [index, placement] of placements.entries()) {
      try {
        return { placement, opened: await placement.doOpen(request, call.signal, call) };
      } catch (error) {
        if (!DomainError.is(error)) throw error;
        faults.push(error);
        const others = placements.slice(index + 1);
        const next = !call.signal.aborted && mayFallBack(error, placement, others);
        placementFailed({
          model: model.id,
          placement: placement.name,
          code: error.code,
          message: error.message,
          next,
          cause: error.cause,
        });
        if (!next && others.length > 0) throw error;
      }
    }
    throw faults.findLast(({ retryable }) => retryable) ?? faults.at(-1);
  }
}

/** The parts as callers get them: text cut at sentence ends, and all that belongs to it before what follows it. */
async function* deltasOf(parts: AsyncIterable<RawPart>): AsyncGenerator<Part, void, undefined> {
  const marker = new SentenceMarker();
  const logprobs = new DeltaLogprobs();
  for await (const part of parts) {
    if (part.type === 'text') {
      logprobs.said(part);
      yield* logprobs.beside(marker.push(part.text));
      continue;
    }
    yield* logprobs.beside(marker.flush());
    yield* logprobs.flush();
    if (part.type === 'tool-call-delta') yield part;
    else yield { type: 'generation-end', reason: part.reason, usage: part.usage };
  }
}

/** Without the placements whose window certainly cannot hold the prompt, when there are others. */
function withRoom(
  placements: readonly TextPlacementV1[],
  request: GenerateRequest,
): readonly TextPlacementV1[] {
  if (placements.length < 2 || placements.every(({ contextWindow }) => contextWindow === undefined)) {
    return placements;
  }
  const least = leastTokens(request);
  const roomy = placements.filter(
    ({ contextWindow }) => contextWindow === undefined || least < contextWindow,
  );
  return roomy.length > 0 ? roomy : placements;
}

/** Whether another placement could do better with the same request. */
function mayFallBack(
  error: DomainError,
  failed: TextPlacementV1,
  others: readonly TextPlacementV1[],
): boolean {
  switch (error.code) {
    case 'unavailable':
    case 'upstream_error':
    case 'deadline_exceeded':
    case 'rate_limit_exceeded':
    case 'overloaded':
    case 'model_not_found':
    case 'model_not_available':
    case 'model_loading':
    case 'unsupported_parameter':
      return others.length > 0;
    case 'context_length_exceeded':
      return others.some(({ contextWindow }) => (contextWindow ?? 0) > (failed.contextWindow ?? 0));
    default:
      return false;
  }
}
