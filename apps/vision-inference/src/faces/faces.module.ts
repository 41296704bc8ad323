import { type DynamicModule, Module } from '@nestjs/common';
import { type Messaging, MESSAGING } from '@trivium/messaging';
import { Admission } from '@trivium/serving';
import { faceRequestFinished } from '../events.js';
import type { VisionConfig } from '../vision-inference.config.js';
import { CompareFaces } from './compare-faces.js';
import { CompareFacesHandler } from './compare-faces.handler.js';
import type { FaceDescriber } from './face-describer.js';
import type { FaceFinder } from './face-finder.js';
import { FaceRequests } from './face-requests.js';
import { FindFaces } from './find-faces.js';
import { FindFacesHandler } from './find-faces.handler.js';

const LEAST_RETRY_MS = 200;

@Module({})
export class FacesModule {
  static register(finder: FaceFinder, describer: FaceDescriber, config: VisionConfig): DynamicModule {
    return {
      module: FacesModule,
      controllers: [FindFacesHandler, CompareFacesHandler],
      providers: [
        {
          provide: FaceRequests,
          inject: [MESSAGING],
          useFactory: ({ blobs }: Messaging) =>
            new FaceRequests({
              finder,
              blobs,
              admission: new Admission('Work on faces', config.VISION_MAX_FACE_REQUESTS, () =>
                Math.max(LEAST_RETRY_MS, finder.estimatedWaitMs()),
              ),
              maxImageBytes: config.VISION_MAX_IMAGE_BYTES,
              onRequest: faceRequestFinished,
            }),
        },
        {
          provide: FindFaces,
          inject: [FaceRequests],
          useFactory: (requests: FaceRequests) => new FindFaces(requests, finder),
        },
        {
          provide: CompareFaces,
          inject: [FaceRequests],
          useFactory: (requests: FaceRequests) => new CompareFaces(requests, finder, describer),
        },
      ],
    };
  }
}
