import { Controller, Inject } from '@nestjs/common';
import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import { detectSpeech } from '@trivium/contracts/speech-inference';
import { AnswersCall, type CallContext } from '@trivium/messaging';
import { DetectSpeech } from './detect-speech.js';

@Controller()
export class DetectSpeechHandler {
  constructor(@Inject(DetectSpeech) private readonly detectSpeech: DetectSpeech) {}

  // The use case has its own admission, which comes from the configuration.
  @AnswersCall(detectSpeech, { concurrency: 1024 })
  handle(
    request: ParsedRequestOf<typeof detectSpeech>,
    context: CallContext,
  ): Promise<ReplyOf<typeof detectSpeech>> {
    return this.detectSpeech.execute(request, context);
  }
}
