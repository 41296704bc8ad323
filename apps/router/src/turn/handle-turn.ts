import { DomainError, type PartOf } from '@trivium/contracts';
import type { ContentPart } from '@trivium/contracts/content';
import type { converse, ConverseRequest } from '@trivium/contracts/router';
import type { Item } from '@trivium/contracts/session';
import type { CallContext } from '@trivium/messaging';
import { inSpan } from '@trivium/telemetry';
import { routeDecided, turnFinished, turnNotStored } from '../events.js';
import { artifactsOf, type DocumentFacts } from '../fusion/document-facts.js';
import type { KnownModels } from '../models/known-models.js';
import type { AnswerPart, AnswerTurn } from '../pipeline/answer-turn.js';
import type { GatherFacts } from '../pipeline/gather-facts.js';
import type { FindIntent } from '../rules/find-intent.js';
import { intentsWanted, planRoute, type Route } from '../rules/plan-route.js';
import type { RulesStore } from '../rules/rules-store.js';
import { traitsOf } from '../rules/turn-traits.js';
import { isOver } from './call-end.js';
import { inputItems, Transcript } from '../session/transcript.js';
import type { NewTurn, Turns } from '../session/turns.js';

type Part = PartOf<typeof converse>;
type Facts = ReadonlyMap<ContentPart, DocumentFacts>;

/** One turn from question to stored answer. */
export class HandleTurn {
  constructor(
    private readonly rules: Pick<RulesStore, 'rules'>,
    private readonly findIntent: FindIntent,
    private readonly models: KnownModels,
    private readonly turns: Turns,
    private readonly gather: GatherFacts,
    private readonly answer: AnswerTurn,
  ) {}

  async *execute(request: ConverseRequest, context: CallContext): AsyncGenerator<Part, void, undefined> {
    const turn = new TurnProgress(request, context, this.turns);
    try {
      refuseAudio(request);
      const history = await this.turns.history(request, context);
      const model = await this.models.require(request.model, context);
      const earlier = await this.gather.ofEarlier(request.messages, context);
      const { route, question } = await this.#route(request, history, earlier, context);
      turn.route = route;
      const { pipeline, rule, reason, quoteText } = route;
      yield { type: 'route-decided', pipeline, rule, reason };
      const current = await this.gather.ofTurn(request.messages, pipeline, context);
      turn.facts = new Map([...earlier, ...current]);
      const routed = { request, context, model, pipeline, quoteText, question, history, facts: turn.facts };
      for await (const part of this.answer.execute(routed)) {
        turn.observe(part);
        if (part.type !== 'answer-end') {
          yield part;
          continue;
        }
        const { reason, usage, model } = part;
        const itemIds = await turn.store({ status: 'completed', finishReason: reason, usage, model });
        turn.outcome = 'completed';
        yield { type: 'turn-end', reason, usage, model, itemIds };
      }
    } catch (error) {
      turn.outcome = DomainError.is(error) ? error.code : 'internal';
      throw error;
    } finally {
      await turn.close();
    }
  }

  #route(
    request: ConverseRequest,
    history: readonly Item[],
    earlier: Facts,
    context: CallContext,
  ): Promise<{ route: Route; question: string }> {
    return inSpan('trivium.router', 'route', {}, async (span) => {
      const known = traitsOf({
        messages: request.messages,
        artifacts: [
          ...history.flatMap((item) => item.artifacts ?? []),
          ...Array.from(earlier.values()).flatMap(artifactsOf),
        ],
        tenant: context.tenant,
        model: request.model,
      });
      const { rules } = this.rules;
      const intents = intentsWanted(rules, known);
      const intent = intents && (await this.findIntent.execute(known.question, intents, context));
      const route = planRoute(rules, { ...known, intent });
      span.setAttributes({ 'trivium.pipeline': route.pipeline, 'trivium.rule': route.rule });
      routeDecided({ ...route, requestId: context.requestId });
      return { route, question: known.question };
    });
  }
}

/** What must be known to store and to report a turn, whenever it ends. */
class TurnProgress {
  route: Route | undefined;
  facts: Facts = new Map();
  outcome: Parameters<typeof turnFinished>[0]['outcome'] = 'left';
  readonly #transcript = new Transcript();
  readonly #startedAt = performance.now();
  #firstDeltaMs: number | undefined;
  #stored = false;

  constructor(
    private readonly request: ConverseRequest,
    private readonly context: CallContext,
    private readonly turns: Turns,
  ) {}

  observe(part: AnswerPart): void {
    this.#firstDeltaMs ??= performance.now() - this.#startedAt;
    this.#transcript.observe(part);
  }

  async store(end: Pick<NewTurn, 'status' | 'finishReason' | 'usage' | 'model'>): Promise<string[]> {
    const { state, messages } = this.request;
    if (state === undefined || this.#stored) return [];
    this.#stored = true;
    const output = this.#transcript.output(
      end.status === 'completed' ? 'completed' : 'incomplete',
      state.outputItemId,
    );
    return this.turns.append(
      state,
      { ...end, input: inputItems(messages, this.facts), output },
      this.context,
    );
  }

  /** Keeps what was said before the caller left or something broke. */
  async close(): Promise<void> {
    const { state, model } = this.request;
    if (state !== undefined && !this.#stored && !this.#transcript.empty) {
      const broken = this.outcome !== 'left' && !isOver(this.context);
      try {
        await this.store({
          status: broken ? 'failed' : 'incomplete',
          finishReason: null,
          usage: { inputTokens: 0, outputTokens: 0 },
          model,
        });
      } catch (error) {
        turnNotStored({ responseId: state.responseId, requestId: this.context.requestId, error });
      }
    }
    turnFinished({
      pipeline: this.route?.pipeline ?? 'none',
      outcome: this.outcome,
      durationMs: performance.now() - this.#startedAt,
      firstDeltaMs: this.#firstDeltaMs,
      stored: this.#stored,
      requestId: this.context.requestId,
    });
  }
}

/** Nothing is accepted and ignored: speech is not turned into text here yet. */
function refuseAudio({ messages }: ConverseRequest): void {
  for (const [index, { content }] of messages.entries()) {
    for (const [position, part] of content.entries()) {
      if (part.type !== 'audio') continue;
      throw new DomainError(
        'unsupported_parameter',
        'Audio in messages is not supported by this deployment.',
        {
          param: part.path ?? `messages[${index}].content[${position}]`,
        },
      );
    }
  }
}
