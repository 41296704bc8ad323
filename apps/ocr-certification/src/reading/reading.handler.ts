import { Controller, Inject } from '@nestjs/common';
import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import { readDocument } from '@trivium/contracts/ocr-certification';
import { AnswersCall, type CallContext } from '@trivium/messaging';
import { ReadDocument } from './read-document.js';

@Controller()
export class ReadingHandler {
  constructor(@Inject(ReadDocument) private readonly reading: ReadDocument) {}

  @AnswersCall(readDocument, { concurrency: 32, queue: 128 })
  read(
    request: ParsedRequestOf<typeof readDocument>,
    context: CallContext,
  ): Promise<ReplyOf<typeof readDocument>> {
    return this.reading.execute(request, context);
  }
}
