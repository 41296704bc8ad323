import { Controller, Inject } from '@nestjs/common';
import type { PartOf } from '@trivium/contracts';
import { converse, type ConverseRequest } from '@trivium/contracts/router';
import { AnswersStream, type CallContext } from '@trivium/messaging';
import { HandleTurn } from './handle-turn.js';

@Controller()
export class ConverseHandler {
  constructor(@Inject(HandleTurn) private readonly handleTurn: HandleTurn) {}

  @AnswersStream(converse, { concurrency: 512, queue: 512 })
  converse(request: ConverseRequest, context: CallContext): AsyncIterable<PartOf<typeof converse>> {
    return this.handleTurn.execute(request, context);
  }
}
