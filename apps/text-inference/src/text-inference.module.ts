import { type DynamicModule, Module } from '@nestjs/common';
import type { Messaging } from '@trivium/messaging';
import { CatalogueHandler } from './catalogue/catalogue.handler.js';
import { ModelCatalogue } from './catalogue/model-catalogue.js';
import type { ModelSettings } from './catalogue/models-file.js';
import { GenerateText } from './generation/generate-text.js';
import { GenerationHandler } from './generation/generation.handler.js';
import { imageReader } from './remote/image-reader.js';
import { RemotePlacement } from './remote/remote-placement.js';

@Module({})
export class TextInferenceModule {
  static register(models: readonly ModelSettings[], messaging: Messaging): DynamicModule {
    const readImage = imageReader(messaging.blobs);
    const catalogue = new ModelCatalogue(
      models.map(({ id, ownedBy, placements }) => ({
        id,
        ownedBy,
        placements: placements.map((settings) => new RemotePlacement(settings, readImage)),
      })),
      Math.floor(Date.now() / 1000),
    );
    return {
      module: TextInferenceModule,
      controllers: [GenerationHandler, CatalogueHandler],
      providers: [
        { provide: ModelCatalogue, useValue: catalogue },
        { provide: GenerateText, useValue: new GenerateText(catalogue) },
      ],
    };
  }
}
