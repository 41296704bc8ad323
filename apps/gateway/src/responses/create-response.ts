import { Inject, Injectable } from '@nestjs/common';
import { CollectedTurn } from '../converse/collected-turn.js';
import { Converse } from '../converse/converse.js';
import { newId, nowInSeconds } from '../converse/identifier.js';
import { GATEWAY_CONFIG, type GatewayConfig } from '../gateway.config.js';
import type { Exchange } from '../http/exchange.js';
import { TakeMedia } from '../media/take-media.js';
import { EventStream } from '../streaming/event-stream.js';
import { collectedOutput } from './collected-output.js';
import { responseEvents } from './response-events.js';
import type { ResponseRequest } from './response-request.js';
import { endedResponse, openedResponse, type Response } from './response-shape.js';
import { RESPONSE_PARAMS, responseTurn } from './response-turn.js';

@Injectable()
export class CreateResponse {
  constructor(
    @Inject(Converse) private readonly converse: Converse,
    @Inject(TakeMedia) private readonly media: TakeMedia,
    @Inject(GATEWAY_CONFIG) private readonly config: GatewayConfig,
  ) {}

  async execute(request: ResponseRequest, exchange: Exchange): Promise<Response | EventStream> {
    const responseId = newId('resp_');
    const itemId = newId('msg_');
    const opened = openedResponse(responseId, nowInSeconds(), request);
    if (request.stream) exchange.extend(this.config.GATEWAY_STREAM_TIMEOUT_MS);
    const turn = await responseTurn(request, { responseId, itemId }, this.media, exchange);
    if (request.stream) {
      const parts = this.converse.streamed(turn, exchange, { params: RESPONSE_PARAMS });
      return new EventStream(responseEvents(parts, opened, itemId, exchange.requestId));
    }
    const collected = await CollectedTurn.from(
      this.converse.whole(turn, exchange, { params: RESPONSE_PARAMS }),
    );
    return endedResponse(opened, collectedOutput(collected, itemId), collected.end);
  }
}
