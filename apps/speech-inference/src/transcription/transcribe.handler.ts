import { Controller, Inject } from '@nestjs/common';
import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import { transcribe } from '@trivium/contracts/speech-inference';
import { AnswersCall, type CallContext } from '@trivium/messaging';
import { Transcribe } from './transcribe.js';

@Controller()
export class TranscribeHandler {
  constructor(@Inject(Transcribe) private readonly transcribe: Transcribe) {}

  // The use case has its own admission, which comes from the configuration.
  @AnswersCall(transcribe, { concurrency: 1024 })
  handle(
    request: ParsedRequestOf<typeof transcribe>,
    context: CallContext,
  ): Promise<ReplyOf<typeof transcribe>> {
    return this.transcribe.execute(request, context);
  }
}
