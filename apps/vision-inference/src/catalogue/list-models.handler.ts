import { Controller, Inject } from '@nestjs/common';
import type { ReplyOf } from '@trivium/contracts';
import { listVisionModels } from '@trivium/contracts/vision-inference';
import { AnswersCall } from '@trivium/messaging';
import { DESCRIPTOR_LENGTH } from '../face-nets/descriptor-net.js';
import { FACE_FINDER, type FaceFinder } from '../faces/face-finder.js';
import { TEXT_SPOTTER, type TextSpotter } from '../reading/text-spotter.js';

/** When this process began to offer its models, in Unix seconds. */
const CREATED = Math.floor(Date.now() / 1000);

@Controller()
export class ListModelsHandler {
  constructor(
    @Inject(TEXT_SPOTTER) private readonly spotter: TextSpotter,
    @Inject(FACE_FINDER) private readonly finder: FaceFinder,
  ) {}

  @AnswersCall(listVisionModels)
  async handle(): Promise<ReplyOf<typeof listVisionModels>> {
    const { spotter, finder } = this;
    return {
      models: [
        {
          id: spotter.modelId,
          task: 'read-text',
          placement: spotter.placement,
          ownedBy: 'paddlepaddle',
          created: CREATED,
          ready: spotter.ready,
        },
        {
          id: finder.modelId,
          task: 'embed-face',
          placement: finder.placement,
          ownedBy: 'vladmandic',
          created: CREATED,
          ready: finder.ready,
          description:
            'Finds faces and their landmarks in pictures and tells whether two faces are one person. Descriptors never leave the service.',
          dimensions: DESCRIPTOR_LENGTH,
        },
      ],
    };
  }
}
