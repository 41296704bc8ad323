import { DomainError, type PartOf } from '@trivium/contracts';
import type { Message } from '@trivium/contracts/content';
import { generate } from '@trivium/contracts/text-inference';
import type { ConverseRequest } from '@trivium/contracts/router';
import type { CallContext, Messaging } from '@trivium/messaging';
import { ASSISTANT } from '../models/known-models.js';

type GeneratePart = PartOf<typeof generate>;
/** Builds the conversation with or without the pictures themselves. */
export type Conversation = (pictures: boolean) => Promise<Message[]>;

export class LanguageModel {
  constructor(private readonly messaging: Messaging) {}

  /**
   * Shows the pictures to a model that can look at them. One that cannot refuses the part before it
   * says anything, and is asked again with what was read from them.
   */
  async *answer(
    request: ConverseRequest,
    conversation: Conversation,
    context: CallContext,
  ): AsyncGenerator<GeneratePart, void, undefined> {
    const withPictures = await conversation(true);
    const pictures = withPictures.flatMap(({ content }, message) =>
      content.flatMap((part, position) =>
        part.type === 'image' ? [part.path ?? `messages[${message}].content[${position}]`] : [],
      ),
    );
    if (pictures.length > 0) {
      let started = false;
      try {
        for await (const part of this.#generate(request, withPictures, context)) {
          started = true;
          yield part;
        }
        return;
      } catch (error) {
        const refused = DomainError.is(error) && error.code === 'unsupported_parameter';
        if (started || !refused || !pictures.includes(error.param ?? '')) throw error;
      }
    }
    yield* this.#generate(request, pictures.length > 0 ? await conversation(false) : withPictures, context);
  }

  #generate(
    request: ConverseRequest,
    messages: Message[],
    context: CallContext,
  ): AsyncIterable<GeneratePart> {
    const { model, sampling, tools, toolChoice, parallelToolCalls, responseFormat } = request;
    return this.messaging.stream(
      generate,
      {
        messages,
        sampling,
        ...(model === ASSISTANT ? {} : { model }),
        ...(tools ? { tools } : {}),
        ...(toolChoice ? { toolChoice } : {}),
        ...(parallelToolCalls === undefined ? {} : { parallelToolCalls }),
        ...(responseFormat ? { responseFormat } : {}),
      },
      { context, deadline: context.remaining() },
    );
  }
}
