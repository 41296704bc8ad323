import { Controller, Inject } from '@nestjs/common';
import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import { markDocument } from '@trivium/contracts/ocr-certification';
import { AnswersCall, type CallContext } from '@trivium/messaging';
import { MarkDocument } from './mark-document.js';

@Controller()
export class MarkingHandler {
  constructor(@Inject(MarkDocument) private readonly marking: MarkDocument) {}

  @AnswersCall(markDocument, { concurrency: 4, queue: 32 })
  mark(
    request: ParsedRequestOf<typeof markDocument>,
    context: CallContext,
  ): Promise<ReplyOf<typeof markDocument>> {
    return this.marking.execute(request, context);
  }
}
