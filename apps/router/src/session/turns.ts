import { DomainError, type RequestOf } from '@trivium/contracts';
import type { ConverseRequest } from '@trivium/contracts/router';
import { appendTurn, type Item, loadHistory } from '@trivium/contracts/session';
import type { CallContext, Messaging } from '@trivium/messaging';

type State = NonNullable<ConverseRequest['state']>;
export type NewTurn = Omit<
  RequestOf<typeof appendTurn>,
  'responseId' | 'conversationId' | 'previousResponseId' | 'metadata'
>;

/** The session accepts this much in one turn. */
const MAX_INPUT_ITEMS = 100;
const STORE_WITHIN_MS = 5_000;

/** The stored side of a turn. Nothing here is touched for a caller without state. */
export class Turns {
  constructor(
    private readonly messaging: Messaging,
    private readonly historyItems: number,
  ) {}

  /** What was said before; fails when the conversation or response does not exist. */
  async history({ state, messages }: ConverseRequest, context: CallContext): Promise<readonly Item[]> {
    if (state === undefined) return [];
    const { conversationId, previousResponseId } = state;
    if (conversationId !== undefined && previousResponseId !== undefined) {
      throw new DomainError(
        'invalid_request',
        'A turn goes on from a conversation or from a response, not from both.',
        {
          param: 'previous_response_id',
        },
      );
    }
    if (messages.length > MAX_INPUT_ITEMS) {
      throw new DomainError('invalid_request', `One turn may hold at most ${MAX_INPUT_ITEMS} messages.`, {
        param: 'input',
      });
    }
    const limit = this.historyItems;
    if (conversationId !== undefined) {
      return (await this.messaging.call(loadHistory, { conversationId, limit }, { context })).items;
    }
    if (previousResponseId !== undefined) {
      return (await this.messaging.call(loadHistory, { previousResponseId, limit }, { context })).items;
    }
    return [];
  }

  /**
   * Stores the turn and returns the ids of its output items. It has its own time: a caller who leaves
   * now, or whose deadline has passed, still finds what was said.
   */
  async append(state: State, turn: NewTurn, context: CallContext): Promise<string[]> {
    const { responseId, conversationId, previousResponseId, metadata } = state;
    const { response } = await this.messaging.call(
      appendTurn,
      {
        ...turn,
        responseId,
        ...(conversationId === undefined ? {} : { conversationId }),
        ...(previousResponseId === undefined ? {} : { previousResponseId }),
        ...(metadata === undefined ? {} : { metadata }),
      },
      {
        tenant: context.tenant,
        requestId: context.requestId,
        priority: context.priority,
        deadline: STORE_WITHIN_MS,
      },
    );
    return response.output.map(({ id }) => id);
  }
}
