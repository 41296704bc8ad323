import { DomainError, type PartOf } from '@trivium/contracts';
import type { ContentPart, FinishReason, Message, Usage } from '@trivium/contracts/content';
import type { ModelDescription } from '@trivium/contracts/model';
import type { generate } from '@trivium/contracts/text-inference';
import type { ConversePart, ConverseRequest } from '@trivium/contracts/router';
import type { Item } from '@trivium/contracts/session';
import type { CallContext } from '@trivium/messaging';
import { inSpan } from '@trivium/telemetry';
import { modelFailed } from '../events.js';
import { type DocumentFacts, factsOf } from '../fusion/document-facts.js';
import { fuseCompactly } from '../fusion/compact-context.js';
import { type ContextLimits, isCompact, limitsWithin, promptTokens } from '../fusion/context-budget.js';
import { fuseContext } from '../fusion/fuse-context.js';
import { estimateTokens } from '../fusion/token-estimate.js';
import { ASSISTANT, type KnownModels } from '../models/known-models.js';
import { isOver } from '../turn/call-end.js';
import { cutDeltas } from '../rendering/cut-deltas.js';
import { languageOf } from '../rendering/language.js';
import { type Phrases, phrasesFor } from '../rendering/phrases.js';
import type { Pipeline } from '../rules/rules-file.js';
import type { LanguageModel } from './language-model.js';
import type { MarkPlaces } from './mark-places.js';
import { type AnswerPlan, planAnswer } from './plan-answer.js';

export interface RoutedTurn {
  readonly request: ConverseRequest;
  readonly context: CallContext;
  /** The model that was asked for; undefined: the assistant. */
  readonly model: ModelDescription | undefined;
  readonly pipeline: Pipeline;
  /** The rule says that the words of a picture are wanted as they stand. */
  readonly quoteText: boolean;
  readonly question: string;
  readonly history: readonly Item[];
  readonly facts: ReadonlyMap<ContentPart, DocumentFacts>;
}

type Delta = Extract<PartOf<typeof generate>, { type: 'text-delta' | 'tool-call-delta' }>;
export type AnswerPart =
  | Delta
  | Extract<ConversePart, { type: 'picture' }>
  | {
      readonly type: 'answer-end';
      readonly reason: FinishReason;
      readonly usage: Usage;
      readonly model: string;
    };

const NOTHING_USED: Usage = { inputTokens: 0, outputTokens: 0 };
const RULES_END = { type: 'answer-end', reason: 'stop', usage: NOTHING_USED, model: ASSISTANT } as const;
const NOTHING_RENDERED: AnswerPlan = { rendered: '', fallback: '', ask: true, complete: false };
/** These say that the request is wrong, not that the model is away. */
const CALLERS_FAULT: ReadonlySet<string> = new Set([
  'invalid_request',
  'unsupported_parameter',
  'context_length_exceeded',
  'model_not_found',
]);

/** Says by code what is known exactly, and has a language model say the rest. */
export class AnswerTurn {
  constructor(
    private readonly languageModel: LanguageModel,
    private readonly models: Pick<KnownModels, 'ofAssistant'>,
    private readonly limits: ContextLimits,
    private readonly marking: Pick<MarkPlaces, 'execute'>,
  ) {}

  async *execute(turn: RoutedTurn): AsyncGenerator<AnswerPart, void, undefined> {
    const phrases = phrasesFor(languageOf(turn.question, textOf(turn)));
    const plan = await inSpan(
      'trivium.router',
      'render',
      { attributes: { 'trivium.pipeline': turn.pipeline } },
      () => (onlyModelCan(turn.request) ? NOTHING_RENDERED : planOf(turn, phrases)),
    );
    if (plan.shown) yield await this.#marked(plan.shown, turn, phrases);
    yield* cutDeltas(plan.rendered);
    if (!plan.ask) return yield RULES_END;
    const model = turn.model ?? (await this.models.ofAssistant(turn.context));
    const window = model?.contextWindow;
    // a small model could only repeat what stands there, and less exactly
    if (plan.complete && isCompact(window)) return yield RULES_END;
    yield* this.#modelsPart(turn, plan, phrases, window);
  }

  /** The page with its marks, or why there is none. */
  async #marked(
    shown: NonNullable<AnswerPlan['shown']>,
    { facts, context }: RoutedTurn,
    phrases: Phrases,
  ): Promise<AnswerPart> {
    const image = await this.marking.execute(shown, facts, context);
    if (image !== undefined) return { type: 'picture', image, alt: phrases.markedPage };
    return { type: 'text-delta', text: `${phrases.pictureAway}\n\n`, sentenceEnd: true };
  }

  async *#modelsPart(
    turn: RoutedTurn,
    plan: AnswerPlan,
    phrases: Phrases,
    window: number | undefined,
  ): AsyncGenerator<AnswerPart, void, undefined> {
    let model = ASSISTANT;
    let said: 'nothing' | 'text' | 'tool-call' = 'nothing';
    try {
      const parts = this.languageModel.answer(
        turn.request,
        (pictures) => this.#fuse(turn, plan, phrases, { window, pictures }),
        turn.context,
      );
      for await (const part of parts) {
        switch (part.type) {
          case 'generation-start':
            model = part.model;
            break;
          case 'generation-end':
            yield { type: 'answer-end', reason: part.reason, usage: part.usage, model };
            return;
          case 'text-delta':
            if (said === 'nothing' && plan.rendered !== '') yield { type: 'text-delta', text: '\n\n' };
            said = 'text';
            yield part;
            break;
          case 'tool-call-delta':
            said = 'tool-call';
            yield part;
        }
      }
      throw new DomainError('upstream_error', 'The language model broke off its answer.');
    } catch (error) {
      if (!DomainError.is(error) || isOver(turn.context)) throw error;
      yield* withoutModel(error, said, turn, plan, phrases);
      modelFailed({ pipeline: turn.pipeline, code: error.code, requestId: turn.context.requestId });
      yield RULES_END;
    }
  }

  #fuse(
    turn: RoutedTurn,
    plan: AnswerPlan,
    phrases: Phrases,
    { window, pictures }: { readonly window: number | undefined; readonly pictures: boolean },
  ): Promise<Message[]> {
    const { request, history, facts, pipeline } = turn;
    const { messages, instructions } = request;
    return inSpan('trivium.router', 'fuse', { attributes: { 'trivium.pipeline': pipeline } }, (span) => {
      const tools = request.tools === undefined ? '' : JSON.stringify(request.tools);
      const common = { history, messages, instructions, facts };
      const fused =
        window !== undefined && isCompact(window)
          ? fuseCompactly({
              ...common,
              phrases,
              budget: promptTokens(window, request),
              besides: estimateTokens(tools),
            })
          : fuseContext({
              ...common,
              shown: plan.rendered !== '',
              pictures: pictures && pipeline !== 'document',
              limits: limitsWithin(window, this.limits, request, charactersOf(request) + tools.length),
            });
      span.setAttributes({ 'trivium.messages': fused.length, 'trivium.compact': isCompact(window) });
      return fused;
    });
  }
}

/** Of everything that the caller wrote itself. */
function charactersOf({ messages, instructions = '' }: ConverseRequest): number {
  return messages
    .flatMap(({ content }) => content)
    .reduce((sum, part) => sum + (part.type === 'text' ? part.text.length : 0), instructions.length);
}

/** What is known, and one sentence on why there is no more; or the error, when nothing is known. */
function* withoutModel(
  error: DomainError,
  said: 'nothing' | 'text' | 'tool-call',
  turn: RoutedTurn,
  { rendered, fallback }: AnswerPlan,
  phrases: Phrases,
): Generator<Delta, void, undefined> {
  const known = rendered !== '' || (fallback !== '' && said === 'nothing');
  const noModel = error.code === 'model_not_available' && turn.request.model === ASSISTANT;
  if (said === 'tool-call' || onlyModelCan(turn.request)) throw error;
  if (!noModel && (!known || (rendered === '' && CALLERS_FAULT.has(error.code)))) throw error;
  const sentence = noModel
    ? known
      ? phrases.noModel
      : phrases.noModelChat
    : said === 'text'
      ? phrases.modelBrokeOff
      : phrases.modelFailed;
  const shown =
    said === 'nothing' ? [rendered === '' ? '' : '\n\n', fallback, fallback === '' ? '' : '\n\n'] : ['\n\n'];
  for (const text of shown) {
    if (text.trim() === '' && text !== '') yield { type: 'text-delta', text };
    else yield* cutDeltas(text);
  }
  yield { type: 'text-delta', text: sentence, sentenceEnd: true };
}

function planOf(turn: RoutedTurn, phrases: Phrases): AnswerPlan {
  return planAnswer({
    pipeline: turn.pipeline,
    quoteText: turn.quoteText,
    question: turn.question,
    facts: [...turn.history.flatMap(factsOf), ...turn.facts.values()],
    phrases,
  });
}

/** The caller wants an object or a call: nothing may be written around it, or instead of it. */
function onlyModelCan({ responseFormat, toolChoice }: ConverseRequest): boolean {
  return (
    (responseFormat !== undefined && responseFormat.type !== 'text') ||
    toolChoice === 'required' ||
    typeof toolChoice === 'object'
  );
}

/** Something to tell the language by when there is no question. */
function textOf({ facts }: RoutedTurn): string {
  return Array.from(facts.values(), ({ pages }) =>
    pages.flatMap(({ lines }) => lines.map(({ text }) => text)).join(' '),
  ).join(' ');
}
