import { Controller, Inject } from '@nestjs/common';
import type { PartOf } from '@trivium/contracts';
import type { GenerateRequest } from '@trivium/contracts/generate';
import { generate } from '@trivium/contracts/text-inference';
import { AnswersStream, type CallContext } from '@trivium/messaging';
import { GenerateText } from './generate-text.js';

@Controller()
export class GenerationHandler {
  constructor(@Inject(GenerateText) private readonly generateText: GenerateText) {}

  @AnswersStream(generate, { concurrency: 256, queue: 256 })
  generate(request: GenerateRequest, context: CallContext): AsyncIterable<PartOf<typeof generate>> {
    return this.generateText.execute(request, context);
  }
}
