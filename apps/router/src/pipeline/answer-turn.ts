import { DomainError, type PartOf } from '@trivium/contracts';
import type { ContentPart, FinishReason, Usage } from '@trivium/contracts/content';
import type { generate } from '@trivium/contracts/text-inference';
import type { ConverseRequest } from '@trivium/contracts/router';
import type { Item } from '@trivium/contracts/session';
import type { CallContext } from '@trivium/messaging';
import { inSpan } from '@trivium/telemetry';
import { modelFailed } from '../events.js';
import { type DocumentFacts, factsOf } from '../fusion/document-facts.js';
import { type FusionInput, fuseContext } from '../fusion/fuse-context.js';
import { ASSISTANT } from '../models/known-models.js';
import { isOver } from '../turn/call-end.js';
import { cutDeltas } from '../rendering/cut-deltas.js';
import { languageOf } from '../rendering/language.js';
import { type Phrases, phrasesFor } from '../rendering/phrases.js';
import type { Pipeline } from '../rules/rules-file.js';
import type { LanguageModel } from './language-model.js';
import { type AnswerPlan, planAnswer } from './plan-answer.js';

export interface RoutedTurn {
  readonly request: ConverseRequest;
  readonly context: CallContext;
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
  | {
      readonly type: 'answer-end';
      readonly reason: FinishReason;
      readonly usage: Usage;
      readonly model: string;
    };

const NOTHING_USED: Usage = { inputTokens: 0, outputTokens: 0 };
const RULES_END = { type: 'answer-end', reason: 'stop', usage: NOTHING_USED, model: ASSISTANT } as const;
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
    private readonly limits: FusionInput['limits'],
  ) {}

  async *execute(turn: RoutedTurn): AsyncGenerator<AnswerPart, void, undefined> {
    const phrases = phrasesFor(languageOf(turn.question, textOf(turn)));
    const plan = await inSpan(
      'trivium.router',
      'render',
      { attributes: { 'trivium.pipeline': turn.pipeline } },
      () => (onlyModelCan(turn.request) ? { rendered: '', fallback: '', ask: true } : planOf(turn, phrases)),
    );
    yield* cutDeltas(plan.rendered);
    if (plan.ask) yield* this.#modelsPart(turn, plan, phrases);
    else yield RULES_END;
  }

  async *#modelsPart(
    turn: RoutedTurn,
    plan: AnswerPlan,
    phrases: Phrases,
  ): AsyncGenerator<AnswerPart, void, undefined> {
    let model = ASSISTANT;
    let said: 'nothing' | 'text' | 'tool-call' = 'nothing';
    try {
      const parts = this.languageModel.answer(
        turn.request,
        (pictures) => this.#fuse(turn, plan, pictures),
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

  #fuse(turn: RoutedTurn, plan: AnswerPlan, pictures: boolean): Promise<ReturnType<typeof fuseContext>> {
    return inSpan('trivium.router', 'fuse', { attributes: { 'trivium.pipeline': turn.pipeline } }, (span) => {
      const messages = fuseContext({
        history: turn.history,
        messages: turn.request.messages,
        instructions: turn.request.instructions,
        facts: turn.facts,
        shown: plan.rendered !== '',
        pictures: pictures && turn.pipeline !== 'document',
        limits: this.limits,
      });
      span.setAttribute('trivium.messages', messages.length);
      return messages;
    });
  }
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
