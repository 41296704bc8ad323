import { type DynamicModule, Module } from '@nestjs/common';
import type { Messaging } from '@trivium/messaging';
import { buildModels } from './catalogue/build-models.js';
import { CatalogueHandler } from './catalogue/catalogue.handler.js';
import { type CatalogueOptions, ModelCatalogue } from './catalogue/model-catalogue.js';
import type { ModelSettings } from './catalogue/models-file.js';
import { GenerateText } from './generation/generate-text.js';
import { GenerationHandler } from './generation/generation.handler.js';
import { imageReader } from './remote/image-reader.js';

@Module({})
export class TextInferenceModule {
  static register(
    models: readonly ModelSettings[],
    messaging: Messaging,
    options: CatalogueOptions = {},
  ): DynamicModule {
    const built = buildModels(models, imageReader(messaging.blobs), options.locals);
    const catalogue = new ModelCatalogue(built, Math.floor(Date.now() / 1000), options);
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
