import { Controller, Inject } from '@nestjs/common';
import type { ReplyOf } from '@trivium/contracts';
import { listVisionModels } from '@trivium/contracts/vision-inference';
import { AnswersCall } from '@trivium/messaging';
import { TEXT_SPOTTER, type TextSpotter } from '../reading/text-spotter.js';

/** When this process began to offer its models, in Unix seconds. */
const CREATED = Math.floor(Date.now() / 1000);

@Controller()
export class ListModelsHandler {
  constructor(@Inject(TEXT_SPOTTER) private readonly spotter: TextSpotter) {}

  @AnswersCall(listVisionModels)
  async handle(): Promise<ReplyOf<typeof listVisionModels>> {
    const { modelId, placement, ready } = this.spotter;
    return {
      models: [
        { id: modelId, task: 'read-text', placement, ownedBy: 'paddlepaddle', created: CREATED, ready },
      ],
    };
  }
}
