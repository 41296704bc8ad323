import { DomainError } from '@trivium/contracts';
import type { FinishReason, Usage } from '@trivium/contracts/content';
import type { TokenLogprob } from '@trivium/contracts/generate';
import { z } from 'zod';
import type { RawPart } from '../catalogue/text-model.js';

const text = z.string().nullish();

const Scored = z.object({
  token: z.string(),
  logprob: z.number(),
  bytes: z.array(z.int().min(0).max(255)).nullish(),
});
const Logprobs = z.object({
  content: z.array(Scored.extend({ top_logprobs: z.array(Scored).nullish() })).nullish(),
});

/** Only what is used, and loosely: every server adds fields of its own. */
const Chunk = z.object({
  id: text,
  model: text,
  error: z.unknown().optional(),
  choices: z
    .array(
      z.object({
        index: z.int().optional(),
        delta: z
          .object({
            content: text,
            refusal: text,
            reasoning_content: text,
            reasoning: text,
            tool_calls: z
              .array(
                z.object({
                  index: z.int().nonnegative().optional(),
                  id: text,
                  function: z.object({ name: text, arguments: text }).nullish(),
                }),
              )
              .nullish(),
          })
          .nullish(),
        logprobs: Logprobs.nullish(),
        finish_reason: text,
      }),
    )
    .nullish(),
  usage: z.object({ prompt_tokens: z.number().nullish(), completion_tokens: z.number().nullish() }).nullish(),
});

const FINISH: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
};

/** Reads the `data:` lines of one chat completion in order and remembers how it ended. */
export class ChatChunks {
  /** As the upstream reports them, for traces. */
  responseId: string | undefined;
  responseModel: string | undefined;
  /** The model works: it has sent something, visible or not. */
  alive = false;
  #reason: FinishReason | undefined;
  #done = false;
  #calledTools = false;
  #scored = false;
  #usage: Usage = { inputTokens: 0, outputTokens: 0 };

  /** With `logprobs` text without them is refused: the upstream took the parameter and ignored it. */
  constructor(private readonly asked: { readonly logprobs: boolean } = { logprobs: false }) {}

  /** True after `[DONE]`: nothing that follows counts. */
  get done(): boolean {
    return this.#done;
  }

  read(data: string): RawPart[] {
    if (data.trim() === '[DONE]') {
      this.#done = true;
      return [];
    }
    const chunk = Chunk.safeParse(parseJson(data));
    if (!chunk.success)
      throw new DomainError('upstream_error', 'The upstream sent an answer that cannot be read.');
    if (chunk.data.error !== undefined && chunk.data.error !== null) throw faultIn(chunk.data.error);
    return this.#partsOf(chunk.data);
  }

  /** The last part, or the reason why there is none: a stream that just stops is never a complete answer. */
  end(): RawPart {
    if (this.#reason === undefined && !this.#done) {
      throw new DomainError('upstream_error', 'The upstream broke off in the middle of its answer.');
    }
    const reason = this.#reason ?? (this.#calledTools ? 'tool_calls' : 'stop');
    return { type: 'end', reason, usage: this.#usage };
  }

  get complete(): boolean {
    return this.#done || this.#reason !== undefined;
  }

  #partsOf(chunk: z.output<typeof Chunk>): RawPart[] {
    this.responseId ??= chunk.id ?? undefined;
    this.responseModel ??= chunk.model ?? undefined;
    if (chunk.usage) {
      this.#usage = {
        inputTokens: count(chunk.usage.prompt_tokens),
        outputTokens: count(chunk.usage.completion_tokens),
      };
    }
    const choice = chunk.choices?.find(({ index }) => (index ?? 0) === 0);
    if (choice === undefined) return [];
    const parts: RawPart[] = [];
    const { delta } = choice;
    if (delta?.reasoning_content || delta?.reasoning) this.alive = true;
    const logprobs = this.#logprobsOf(choice);
    if (delta?.content || logprobs) parts.push({ type: 'text', text: delta?.content ?? '', ...logprobs });
    if (delta?.refusal) parts.push({ type: 'text', text: delta.refusal });
    for (const [position, call] of (delta?.tool_calls ?? []).entries()) {
      this.#calledTools = true;
      parts.push({
        type: 'tool-call-delta',
        index: call.index ?? position,
        ...(call.id ? { id: call.id } : {}),
        ...(call.function?.name ? { name: call.function.name } : {}),
        ...(call.function?.arguments ? { arguments: call.function.arguments } : {}),
      });
    }
    if (choice.finish_reason) this.#reason = FINISH[choice.finish_reason] ?? 'stop';
    this.alive ||= parts.length > 0 || this.#reason !== undefined;
    return parts;
  }

  #logprobsOf({ delta, logprobs }: Choice): { logprobs: TokenLogprob[] } | undefined {
    if (!this.asked.logprobs) return undefined;
    const tokens = logprobs?.content ?? [];
    if (tokens.length > 0) {
      this.#scored = true;
      return {
        logprobs: tokens.map((token) => ({
          ...scoredToken(token),
          top: (token.top_logprobs ?? []).map(scoredToken),
        })),
      };
    }
    if (!delta?.content || this.#scored) return undefined;
    throw new DomainError(
      'unsupported_parameter',
      'The upstream of this model does not report the probabilities of its tokens.',
      { param: 'logprobs' },
    );
  }
}

type Choice = NonNullable<z.output<typeof Chunk>['choices']>[number];
type ScoredToken = Omit<TokenLogprob, 'top'>;

function scoredToken({ token, logprob, bytes }: z.output<typeof Scored>): ScoredToken {
  return { token, logprob, bytes: bytes ?? [...Buffer.from(token)] };
}

function parseJson(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

function count(value: number | null | undefined): number {
  return Number.isSafeInteger(value) ? Math.max(0, value ?? 0) : 0;
}

/** An error inside the stream; its words are the upstream's own and stay out of the answer. */
function faultIn(error: unknown): DomainError {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (code === 'context_length_exceeded') {
    return new DomainError('context_length_exceeded', 'The conversation is longer than the model can take.', {
      param: 'messages',
    });
  }
  if (code === '429' || code === 'rate_limit_exceeded') {
    return new DomainError('rate_limit_exceeded', 'The upstream limits the rate of requests.');
  }
  return new DomainError('upstream_error', 'The upstream reported an error in its answer.');
}
