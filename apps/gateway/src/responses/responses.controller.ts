import { Controller, Inject } from '@nestjs/common';
import * as session from '@trivium/contracts/session';
import { MESSAGING, type Messaging } from '@trivium/messaging';
import { z } from 'zod';
import { type AnswerOf, endpoint, type InputOf } from '../http/endpoint.js';
import type { Exchange } from '../http/exchange.js';
import { Serves } from '../http/serves.js';
import { ItemPage, itemPage, ItemPageQuery, storedItemId } from '../items/output-item.js';
import { CreateResponse } from './create-response.js';
import { RESPONSE_REFUSALS, ResponseRequest } from './response-request.js';
import { DeletedResponse, Response, showResponse } from './response-shape.js';
import { ResponseEvent } from './response-event.js';

const params = z.strictObject({ response_id: z.string() });
const place = { tag: 'Responses', access: 'key' } as const;

export const createResponse = endpoint({
  ...place,
  operationId: 'createResponse',
  method: 'POST',
  path: '/v1/responses',
  summary: 'Answer a turn and remember it',
  body: ResponseRequest,
  refused: RESPONSE_REFUSALS,
  reply: Response,
  event: ResponseEvent,
});

export const getResponse = endpoint({
  ...place,
  operationId: 'getResponse',
  method: 'GET',
  path: '/v1/responses/:response_id',
  summary: 'A stored response',
  params,
  reply: Response,
});

export const deleteResponse = endpoint({
  ...place,
  operationId: 'deleteResponse',
  method: 'DELETE',
  path: '/v1/responses/:response_id',
  summary: 'Delete a stored response',
  params,
  reply: DeletedResponse,
});

export const listInputItems = endpoint({
  ...place,
  operationId: 'listInputItems',
  method: 'GET',
  path: '/v1/responses/:response_id/input_items',
  summary: 'What a stored response was asked',
  params,
  query: ItemPageQuery,
  reply: ItemPage,
});

@Controller()
export class ResponsesController {
  constructor(
    @Inject(CreateResponse) private readonly createResponse: CreateResponse,
    @Inject(MESSAGING) private readonly messaging: Messaging,
  ) {}

  @Serves(createResponse)
  async create(
    { body }: InputOf<typeof createResponse>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof createResponse>> {
    return this.createResponse.execute(body, exchange);
  }

  @Serves(getResponse)
  async get(
    { params }: InputOf<typeof getResponse>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof getResponse>> {
    const request = { responseId: params.response_id };
    return showResponse(await this.messaging.call(session.getResponse, request, exchange.callOptions));
  }

  @Serves(deleteResponse)
  async delete(
    { params }: InputOf<typeof deleteResponse>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof deleteResponse>> {
    const request = { responseId: params.response_id };
    const { id, deleted } = await this.messaging.call(session.deleteResponse, request, exchange.callOptions);
    return { id, object: 'response', deleted };
  }

  @Serves(listInputItems)
  async listInput(
    { params, query }: InputOf<typeof listInputItems>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof listInputItems>> {
    const after = query.after === undefined ? {} : { after: storedItemId(query.after) };
    const request = { responseId: params.response_id, ...query, ...after };
    const { items, hasMore } = await this.messaging.call(
      session.listResponseInput,
      request,
      exchange.callOptions,
    );
    return itemPage(items, hasMore, query.order);
  }
}
