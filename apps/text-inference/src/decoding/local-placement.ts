import { trace } from '@opentelemetry/api';
import { DomainError } from '@trivium/contracts';
import type { GenerateRequest, TokenLogprob } from '@trivium/contracts/generate';
import type { ResidentProgram } from '@trivium/inference';
import type { Lease } from '@trivium/serving';
import { failSpan, GEN_AI } from '@trivium/telemetry';
import type {
  GenerationCaller,
  OpenedGeneration,
  RawPart,
  TextPlacementV1,
} from '../catalogue/text-model.js';
import { leastTokens } from '../generation/least-tokens.js';
import type { TokenVocabulary } from '../prompting/token-vocabulary.js';
import { samplingSettings } from '../sampling/sampler.js';
import { structureInstructions, structureOf } from '../structure/output-structure.js';
import { ToolCallReader } from '../structure/tool-call-reader.js';
import type { ScoredPiece, SequenceStart } from './decoder-task.js';
import type { LocalDecoder } from './local-decoder.js';

/** Tokens of an answer whose request names no number: memory is set aside for all that it may write. */
const MOST_UNASKED = 2_048;

interface LocalPlacementOptions {
  /** `model` or `model@variant`. */
  readonly model: string;
  readonly contextWindow: () => number;
  readonly isReady: () => boolean;
  readonly lease: (signal: AbortSignal) => Promise<Lease<ResidentProgram<LocalDecoder>>>;
}

/** A language model of the repository in a worker of this service. */
export class LocalPlacement implements TextPlacementV1 {
  readonly specification = 'text-placement/v1';
  readonly enforcesStructure = true;

  constructor(private readonly options: LocalPlacementOptions) {}

  get name(): string {
    return 'local';
  }

  get contextWindow(): number {
    return this.options.contextWindow();
  }

  isReady(): boolean {
    return this.options.isReady();
  }

  async doOpen(
    request: GenerateRequest,
    signal: AbortSignal,
    caller: GenerationCaller,
  ): Promise<OpenedGeneration> {
    if (request.sampling.reasoningEffort !== undefined && request.sampling.reasoningEffort !== 'none') {
      throw new DomainError('unsupported_parameter', 'This model does not reason before it answers.', {
        param: 'reasoning_effort',
      });
    }
    const rest = this.#generate(request, signal, caller);
    const first = await rest.next();
    if (first.done === true) throw new DomainError('internal', 'The model ended without an end.');
    return { first: first.value, rest };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Its models live with the repository.
  }

  async *#generate(
    request: GenerateRequest,
    signal: AbortSignal,
    caller: GenerationCaller,
  ): AsyncGenerator<RawPart, void, undefined> {
    using lease = await this.options.lease(signal);
    const { program: decoder } = lease.resource;
    const start = startOf(request, decoder, caller.tenant);
    const span = trace.getTracer('trivium.text-inference').startSpan(`chat ${this.options.model}`, {
      attributes: {
        [GEN_AI.operationName]: 'chat',
        [GEN_AI.providerName]: 'trivium',
        [GEN_AI.requestModel]: this.options.model,
        [GEN_AI.requestMaxTokens]: start.maxTokens,
        'trivium.placement': this.name,
        'trivium.variant': decoder.variant,
      },
    });
    try {
      const stream = decoder.run(start, {
        signal,
        tenant: caller.tenant,
        priority: caller.priority,
        deadline: performance.now() + caller.remaining(),
      });
      const answer = new AnswerParts(request, decoder.tokenizer.vocabulary);
      for await (const piece of stream) {
        yield* answer.push(piece.text, piece.scored);
        if (piece.end === undefined) continue;
        yield* answer.flush();
        const reason = answer.calls && piece.end === 'stop' ? 'tool_calls' : piece.end;
        const execution = stream.execution();
        span.setAttributes({
          [GEN_AI.responseFinishReasons]: [reason],
          [GEN_AI.usageInputTokens]: start.prompt.length,
          [GEN_AI.usageOutputTokens]: piece.tokens,
          'trivium.prefix_tokens': piece.reused,
          'trivium.queue_ms': execution.queueMs,
          'trivium.mean_batch_size': execution.meanBatchSize,
        });
        yield {
          type: 'end',
          reason,
          usage: { inputTokens: start.prompt.length, outputTokens: piece.tokens },
        };
      }
    } catch (error) {
      failSpan(span, error);
      throw error;
    } finally {
      span.end();
    }
  }
}

/** Text of a model as parts of an answer: calls told apart, probabilities beside the text that they belong to. */
class AnswerParts {
  calls = false;
  readonly #reader: ToolCallReader | undefined;
  readonly #scores: boolean;
  #pending: TokenLogprob[] = [];

  constructor(
    { tools, toolChoice, sampling }: GenerateRequest,
    private readonly vocabulary: TokenVocabulary,
  ) {
    const mayCall = tools !== undefined && tools.length > 0 && toolChoice !== 'none';
    this.#reader = mayCall ? new ToolCallReader() : undefined;
    this.#scores = sampling.topLogprobs !== undefined;
  }

  *push(text: string, scored: ScoredPiece | undefined): Generator<RawPart> {
    if (this.#scores && scored !== undefined) this.#pending.push(this.#logprobOf(scored));
    if (text !== '') yield* this.#beside(this.#reader?.push(text) ?? [{ type: 'text', text }]);
  }

  *flush(): Generator<RawPart> {
    yield* this.#beside(this.#reader?.flush() ?? []);
    if (this.#pending.length > 0) yield { type: 'text', text: '', logprobs: this.#pending.splice(0) };
  }

  *#beside(parts: readonly RawPart[]): Generator<RawPart> {
    for (const part of parts) {
      if (part.type === 'tool-call-delta') this.calls = true;
      const scores = part.type === 'text' && this.#pending.length > 0;
      yield scores ? { ...part, logprobs: this.#pending.splice(0) } : part;
    }
  }

  #logprobOf({ id, logprob, top }: ScoredPiece): TokenLogprob {
    const token = (one: { readonly id: number; readonly logprob: number }) => {
      const bytes = this.vocabulary.bytesOf(one.id);
      return { token: Buffer.from(bytes).toString('utf8'), logprob: one.logprob, bytes: [...bytes] };
    };
    return { ...token({ id, logprob }), top: top.map(token) };
  }
}

function startOf(request: GenerateRequest, decoder: LocalDecoder, tenant: string): SequenceStart {
  const { sampling } = request;
  const { contextWindow, tokenizer } = decoder;
  // Before anything is tokenized: megabytes of text would hold the service's event loop for nothing.
  const least = leastTokens(request);
  if (least >= contextWindow) {
    throw new DomainError(
      'context_length_exceeded',
      `The messages have at least ${least} tokens, and the model's window holds ${contextWindow} for messages and answer together.`,
      { param: 'messages', details: { leastTokens: least, contextWindow } },
    );
  }
  const prompt = decoder.prompt.tokens(request, tokenizer, structureInstructions(request));
  const room = contextWindow - prompt.length;
  if (room < 1) {
    throw new DomainError(
      'context_length_exceeded',
      `The messages have ${prompt.length} tokens, and the model's window holds ${contextWindow} for messages and answer together.`,
      { param: 'messages', details: { tokens: prompt.length, contextWindow } },
    );
  }
  const { maxTokens = Math.min(room, MOST_UNASKED) } = sampling;
  if (maxTokens > room) {
    throw new DomainError(
      'context_length_exceeded',
      `The messages have ${prompt.length} tokens, so the window of ${contextWindow} leaves ${room} for the answer, not ${maxTokens}.`,
      { param: 'max_tokens', details: { tokens: prompt.length, maxTokens, contextWindow } },
    );
  }
  const settings = samplingSettings(sampling, decoder.defaults);
  const unknown = settings.logitBias.find(([id]) => id >= decoder.vocabularySize)?.[0];
  if (unknown !== undefined) {
    throw new DomainError(
      'invalid_request',
      `The logit bias names token ${unknown}; the model has ${decoder.vocabularySize} tokens.`,
      { param: `sampling.logitBias.${unknown}` },
    );
  }
  return {
    owner: tenant,
    prompt,
    maxTokens,
    settings,
    stops: sampling.stop ?? [],
    structure: structureOf(request),
  };
}
