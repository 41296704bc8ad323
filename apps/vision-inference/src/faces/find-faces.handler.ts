import { Controller, Inject } from '@nestjs/common';
import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import { findFaces } from '@trivium/contracts/faces';
import { AnswersCall, type CallContext } from '@trivium/messaging';
import { FindFaces } from './find-faces.js';

@Controller()
export class FindFacesHandler {
  constructor(@Inject(FindFaces) private readonly faces: FindFaces) {}

  // The use case has its own admission, which knows how long the wait is.
  @AnswersCall(findFaces, { concurrency: 1024 })
  handle(
    request: ParsedRequestOf<typeof findFaces>,
    context: CallContext,
  ): Promise<ReplyOf<typeof findFaces>> {
    return this.faces.execute(request, context);
  }
}
