import { Controller, Inject } from '@nestjs/common';
import type { ReplyOf } from '@trivium/contracts';
import { listSpeechModels } from '@trivium/contracts/speech-inference';
import { AnswersCall } from '@trivium/messaging';
import { SPEECH_FINDER, type SpeechFinder } from '../detection/speech-finder.js';

/** When this process began to offer its models, in Unix seconds. */
const CREATED = Math.floor(Date.now() / 1000);

@Controller()
export class ListModelsHandler {
  constructor(@Inject(SPEECH_FINDER) private readonly finder: SpeechFinder) {}

  @AnswersCall(listSpeechModels)
  async handle(): Promise<ReplyOf<typeof listSpeechModels>> {
    return {
      models: [
        {
          id: this.finder.modelId,
          task: 'detect-speech',
          placement: 'rules',
          ownedBy: 'trivium',
          created: CREATED,
          ready: true,
        },
      ],
    };
  }
}
