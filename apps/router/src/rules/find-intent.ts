import { DomainError, type ErrorCode } from '@trivium/contracts';
import { classify } from '@trivium/contracts/text-inference';
import type { CallContext, Messaging } from '@trivium/messaging';
import { intentAsked } from '../events.js';
import { isOver } from '../turn/call-end.js';
import type { Intent } from './rules-file.js';
import type { NearestIntent } from './turn-traits.js';

/** An intent shows in the first words; the rest of a long question would only cost time. */
const MOST_CHARACTERS = 2_000;
/** Once an answer came too late, turns are not kept waiting for the next ones. */
const REST_MS = 1_000;

/** Places a question among intents by a model that embeds. Whatever goes wrong, the turn goes on without. */
export class FindIntent {
  #restsUntil = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly messaging: Pick<Messaging, 'call'>,
    private readonly deadlineMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  async execute(
    question: string,
    intents: readonly Intent[],
    context: CallContext,
  ): Promise<NearestIntent | undefined> {
    const { requestId } = context;
    if (this.now() < this.#restsUntil) {
      intentAsked({ outcome: 'resting', requestId });
      return undefined;
    }
    try {
      const { scores } = await this.messaging.call(
        classify,
        {
          text: question.slice(0, MOST_CHARACTERS),
          labels: intents.map(({ name, examples }) => ({ label: name, examples: [...examples] })),
        },
        { context, deadline: this.deadlineMs },
      );
      intentAsked({ outcome: 'told', requestId });
      const [best] = scores;
      return best && { name: best.label, score: best.score, example: best.example };
    } catch (error) {
      if (isOver(context)) throw error;
      const outcome: ErrorCode = DomainError.is(error) ? error.code : 'internal';
      if (outcome === 'deadline_exceeded') this.#restsUntil = this.now() + REST_MS;
      intentAsked({ outcome, requestId });
      return undefined;
    }
  }
}
