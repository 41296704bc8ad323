import { Controller, Inject } from '@nestjs/common';
import { DomainError } from '@trivium/contracts';
import { getItem } from '@trivium/contracts/session';
import { MESSAGING, type Messaging } from '@trivium/messaging';
import { z } from 'zod';
import { type AnswerOf, endpoint, type InputOf } from '../http/endpoint.js';
import type { Exchange } from '../http/exchange.js';
import { Serves } from '../http/serves.js';
import { OutputItem, showItem, storedItemId } from '../items/output-item.js';

export const getConversationItem = endpoint({
  operationId: 'getConversationItem',
  method: 'GET',
  path: '/v1/conversations/:conversation_id/items/:item_id',
  tag: 'Conversations',
  summary: 'One item of a conversation',
  access: 'key',
  params: z.strictObject({ conversation_id: z.string(), item_id: z.string() }),
  reply: OutputItem,
});

@Controller()
export class ConversationItemController {
  constructor(@Inject(MESSAGING) private readonly messaging: Messaging) {}

  @Serves(getConversationItem)
  async get(
    { params }: InputOf<typeof getConversationItem>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof getConversationItem>> {
    const request = { conversationId: params.conversation_id, itemId: storedItemId(params.item_id) };
    const shown = showItem(await this.messaging.call(getItem, request, exchange.callOptions));
    const item = shown.find(({ id }) => id === params.item_id);
    if (item !== undefined) return item;
    throw new DomainError('not_found', `No item has the id ${params.item_id}.`);
  }
}
