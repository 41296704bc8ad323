import { Controller, Inject } from '@nestjs/common';
import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import { compareFaces } from '@trivium/contracts/faces';
import { AnswersCall, type CallContext } from '@trivium/messaging';
import { CompareFaces } from './compare-faces.js';

@Controller()
export class CompareFacesHandler {
  constructor(@Inject(CompareFaces) private readonly faces: CompareFaces) {}

  // The use case has its own admission, which knows how long the wait is.
  @AnswersCall(compareFaces, { concurrency: 1024 })
  handle(
    request: ParsedRequestOf<typeof compareFaces>,
    context: CallContext,
  ): Promise<ReplyOf<typeof compareFaces>> {
    return this.faces.execute(request, context);
  }
}
