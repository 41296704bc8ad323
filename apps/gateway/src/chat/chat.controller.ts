import { Controller, Inject } from '@nestjs/common';
import { CollectedTurn } from '../converse/collected-turn.js';
import { Converse } from '../converse/converse.js';
import { newId, nowInSeconds } from '../converse/identifier.js';
import { sideBySide } from '../converse/side-by-side.js';
import { GATEWAY_CONFIG, type GatewayConfig } from '../gateway.config.js';
import { type AnswerOf, endpoint, type InputOf } from '../http/endpoint.js';
import type { Exchange } from '../http/exchange.js';
import { Serves } from '../http/serves.js';
import { TakeMedia } from '../media/take-media.js';
import { EventStream } from '../streaming/event-stream.js';
import { chatChunks } from './chat-chunks.js';
import { ChatCompletion, chatCompletion, ChatCompletionChunk } from './chat-completion.js';
import { CHAT_REFUSALS, ChatRequest } from './chat-request.js';
import { chatParams, chatTurn, turnOfChoice } from './chat-turn.js';

export const createChatCompletion = endpoint({
  operationId: 'createChatCompletion',
  method: 'POST',
  path: '/v1/chat/completions',
  tag: 'Chat',
  summary: 'Answer a list of messages; nothing is stored',
  access: 'key',
  body: ChatRequest,
  refused: CHAT_REFUSALS,
  reply: ChatCompletion,
  event: ChatCompletionChunk,
});

@Controller()
export class ChatController {
  constructor(
    @Inject(Converse) private readonly converse: Converse,
    @Inject(TakeMedia) private readonly media: TakeMedia,
    @Inject(GATEWAY_CONFIG) private readonly config: GatewayConfig,
  ) {}

  @Serves(createChatCompletion)
  async create(
    { body }: InputOf<typeof createChatCompletion>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof createChatCompletion>> {
    const id = newId('chatcmpl-');
    const created = nowInSeconds();
    if (body.stream) exchange.extend(this.config.GATEWAY_STREAM_TIMEOUT_MS);
    const turn = await chatTurn(body, this.media, exchange);
    const choices = body.n ?? 1;
    const params = chatParams(body);
    const open = body.stream
      ? this.converse.streamed.bind(this.converse)
      : this.converse.whole.bind(this.converse);
    const parts = sideBySide(choices, (choice, stop) =>
      open(turnOfChoice(turn, choice), exchange, { params, stop }),
    );
    if (!body.stream) {
      const turns = await CollectedTurn.ofChoices(parts, choices);
      return chatCompletion({ id, created, logprobs: body.logprobs === true }, turns);
    }
    const includeUsage = body.stream_options?.include_usage === true;
    return new EventStream(chatChunks(parts, { id, created, model: body.model, choices, includeUsage }));
  }
}
