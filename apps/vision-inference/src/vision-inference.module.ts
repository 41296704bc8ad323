import { type DynamicModule, Module } from '@nestjs/common';
import { type Messaging, MESSAGING } from '@trivium/messaging';
import { Admission } from '@trivium/serving';
import { pageRead } from './events.js';
import { ListModelsHandler } from './catalogue/list-models.handler.js';
import type { FaceDescriber } from './faces/face-describer.js';
import { FACE_FINDER, type FaceFinder } from './faces/face-finder.js';
import { FacesModule } from './faces/faces.module.js';
import { ReadTextHandler } from './reading/read-text.handler.js';
import { ReadText } from './reading/read-text.js';
import { TEXT_SPOTTER, type TextSpotter } from './reading/text-spotter.js';
import type { VisionConfig } from './vision-inference.config.js';

@Module({})
export class VisionInferenceModule {
  static register(
    spotter: TextSpotter,
    finder: FaceFinder,
    describer: FaceDescriber,
    config: VisionConfig,
  ): DynamicModule {
    return {
      module: VisionInferenceModule,
      imports: [FacesModule.register(finder, describer, config)],
      controllers: [ReadTextHandler, ListModelsHandler],
      providers: [
        { provide: TEXT_SPOTTER, useValue: spotter },
        { provide: FACE_FINDER, useValue: finder },
        {
          provide: ReadText,
          inject: [MESSAGING],
          useFactory: (messaging: Messaging) =>
            new ReadText(
              spotter,
              messaging.blobs,
              new Admission('Reading text', config.VISION_MAX_PAGES, () =>
                Math.max(200, spotter.estimatedWaitMs()),
              ),
              config.VISION_MAX_IMAGE_BYTES,
              pageRead,
            ),
        },
      ],
    };
  }
}
