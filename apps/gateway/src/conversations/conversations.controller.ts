import { Controller, Inject } from '@nestjs/common';
import * as session from '@trivium/contracts/session';
import { MESSAGING, type Messaging } from '@trivium/messaging';
import { z } from 'zod';
import { type AnswerOf, endpoint, type InputOf } from '../http/endpoint.js';
import type { Exchange } from '../http/exchange.js';
import { Serves } from '../http/serves.js';
import { ItemPage, itemPage, ItemPageQuery, storedItemId } from '../items/output-item.js';
import { newItem, takeItems } from '../items/take-items.js';
import { TakeMedia } from '../media/take-media.js';
import {
  Conversation,
  CreateConversation,
  CreateItems,
  DeletedConversation,
  showConversation,
  UpdateConversation,
} from './conversation-shape.js';

const params = z.strictObject({ conversation_id: z.string() });
const place = { tag: 'Conversations', access: 'key' } as const;

export const createConversation = endpoint({
  ...place,
  operationId: 'createConversation',
  method: 'POST',
  path: '/v1/conversations',
  summary: 'Start a conversation that the server remembers',
  body: CreateConversation,
  reply: Conversation,
});

export const getConversation = endpoint({
  ...place,
  operationId: 'getConversation',
  method: 'GET',
  path: '/v1/conversations/:conversation_id',
  summary: 'One conversation',
  params,
  reply: Conversation,
});

export const updateConversation = endpoint({
  ...place,
  operationId: 'updateConversation',
  method: 'POST',
  path: '/v1/conversations/:conversation_id',
  summary: 'Replace the labels of a conversation',
  params,
  body: UpdateConversation,
  reply: Conversation,
});

export const deleteConversation = endpoint({
  ...place,
  operationId: 'deleteConversation',
  method: 'DELETE',
  path: '/v1/conversations/:conversation_id',
  summary: 'Delete a conversation and its items',
  params,
  reply: DeletedConversation,
});

export const createItems = endpoint({
  ...place,
  operationId: 'createConversationItems',
  method: 'POST',
  path: '/v1/conversations/:conversation_id/items',
  summary: 'Append items without asking for an answer',
  params,
  body: CreateItems,
  reply: ItemPage,
});

export const listItems = endpoint({
  ...place,
  operationId: 'listConversationItems',
  method: 'GET',
  path: '/v1/conversations/:conversation_id/items',
  summary: 'What was said, newest first unless order=asc',
  params,
  query: ItemPageQuery,
  reply: ItemPage,
});

@Controller()
export class ConversationsController {
  constructor(
    @Inject(MESSAGING) private readonly messaging: Messaging,
    @Inject(TakeMedia) private readonly media: TakeMedia,
  ) {}

  @Serves(createConversation)
  async create(
    { body }: InputOf<typeof createConversation>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof createConversation>> {
    const messages = await takeItems(body?.items ?? [], 'items', this.media, exchange, true);
    const request = { metadata: body?.metadata ?? {}, items: messages.map(newItem) };
    return showConversation(
      await this.messaging.call(session.createConversation, request, exchange.callOptions),
    );
  }

  @Serves(getConversation)
  async get(
    { params }: InputOf<typeof getConversation>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof getConversation>> {
    const request = { conversationId: params.conversation_id };
    return showConversation(
      await this.messaging.call(session.getConversation, request, exchange.callOptions),
    );
  }

  @Serves(updateConversation)
  async update(
    { params, body }: InputOf<typeof updateConversation>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof updateConversation>> {
    const request = { conversationId: params.conversation_id, metadata: body.metadata };
    return showConversation(
      await this.messaging.call(session.updateConversation, request, exchange.callOptions),
    );
  }

  @Serves(deleteConversation)
  async delete(
    { params }: InputOf<typeof deleteConversation>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof deleteConversation>> {
    const request = { conversationId: params.conversation_id };
    const { id, deleted } = await this.messaging.call(
      session.deleteConversation,
      request,
      exchange.callOptions,
    );
    return { id, object: 'conversation.deleted', deleted };
  }

  @Serves(createItems)
  async createItems(
    { params, body }: InputOf<typeof createItems>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof createItems>> {
    const messages = await takeItems(body.items, 'items', this.media, exchange, true);
    const request = { conversationId: params.conversation_id, items: messages.map(newItem) };
    const { items } = await this.messaging.call(session.appendItems, request, exchange.callOptions);
    return itemPage(items, false);
  }

  @Serves(listItems)
  async listItems(
    { params, query }: InputOf<typeof listItems>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof listItems>> {
    const after = query.after === undefined ? {} : { after: storedItemId(query.after) };
    const request = { conversationId: params.conversation_id, ...query, ...after };
    const { items, hasMore } = await this.messaging.call(session.listItems, request, exchange.callOptions);
    return itemPage(items, hasMore, query.order);
  }
}
