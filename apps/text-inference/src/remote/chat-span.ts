import { type Attributes, context, type Context, type Span, SpanKind, trace } from '@opentelemetry/api';
import type { RawPart } from '../catalogue/text-model.js';
import type { GenerateRequest } from '@trivium/contracts/generate';
import { failSpan, GEN_AI } from '@trivium/telemetry';
import type { PlacementSettings } from '../catalogue/models-file.js';
import type { ChatChunks } from './chat-chunks.js';

/** The span of one attempt at one upstream: figures and names, never what was said. */
export class ChatSpan implements Disposable {
  /** To run the request in, so that the HTTP span becomes a child. */
  readonly context: Context;
  readonly #span: Span;
  readonly #startedAt = performance.now();
  #first = true;

  constructor(settings: PlacementSettings, request: GenerateRequest) {
    const parent = context.active();
    this.#span = trace
      .getTracer('trivium.text-inference')
      .startSpan(
        `chat ${settings.model}`,
        { kind: SpanKind.CLIENT, attributes: requestAttributes(settings, request) },
        parent,
      );
    this.context = trace.setSpan(parent, this.#span);
  }

  part(part: RawPart): void {
    if (this.#first) {
      this.#span.setAttribute(GEN_AI.responseTimeToFirstChunk, (performance.now() - this.#startedAt) / 1000);
    }
    this.#first = false;
    if (part.type !== 'end') return;
    this.#span.setAttributes({
      [GEN_AI.responseFinishReasons]: [part.reason],
      [GEN_AI.usageInputTokens]: part.usage.inputTokens,
      [GEN_AI.usageOutputTokens]: part.usage.outputTokens,
    });
  }

  answered(chunks: ChatChunks): void {
    if (chunks.responseId !== undefined) this.#span.setAttribute('gen_ai.response.id', chunks.responseId);
    if (chunks.responseModel !== undefined)
      this.#span.setAttribute(GEN_AI.responseModel, chunks.responseModel);
  }

  failed(error: unknown): void {
    failSpan(this.#span, error);
  }

  [Symbol.dispose](): void {
    this.#span.end();
  }
}

function requestAttributes(settings: PlacementSettings, request: GenerateRequest): Attributes {
  const { sampling } = request;
  const url = new URL(settings.url);
  const known: Record<string, Attributes[string]> = {
    [GEN_AI.operationName]: 'chat',
    [GEN_AI.providerName]: settings.provider,
    [GEN_AI.requestModel]: settings.model,
    [GEN_AI.requestStream]: true,
    [GEN_AI.requestMaxTokens]: sampling.maxTokens,
    [GEN_AI.requestTemperature]: sampling.temperature,
    [GEN_AI.requestTopP]: sampling.topP,
    'gen_ai.request.seed': sampling.seed,
    'gen_ai.request.stop_sequences': sampling.stop,
    'gen_ai.request.frequency_penalty': sampling.frequencyPenalty,
    'gen_ai.request.presence_penalty': sampling.presencePenalty,
    'gen_ai.output.type': request.responseFormat?.type.startsWith('json') ? 'json' : 'text',
    'server.address': url.hostname,
    'server.port': Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
    'trivium.placement': settings.name,
  };
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)) as Attributes;
}
