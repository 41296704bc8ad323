import { Controller, Inject } from '@nestjs/common';
import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import { readText } from '@trivium/contracts/vision-inference';
import { AnswersCall, type CallContext } from '@trivium/messaging';
import { ReadText } from './read-text.js';

@Controller()
export class ReadTextHandler {
  constructor(@Inject(ReadText) private readonly readPage: ReadText) {}

  // The use case has its own admission, which knows how long the wait is.
  @AnswersCall(readText, { concurrency: 1024 })
  handle(request: ParsedRequestOf<typeof readText>, context: CallContext): Promise<ReplyOf<typeof readText>> {
    return this.readPage.execute(request, context);
  }
}
