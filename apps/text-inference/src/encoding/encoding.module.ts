import { type DynamicModule, Module } from '@nestjs/common';
import type { Inference } from '@trivium/inference';
import { ClassifyText } from './classify-text.js';
import { EmbedTexts } from './embed-texts.js';
import { EncoderModels } from './encoder-models.js';
import { EncodingHandler } from './encoding.handler.js';
import { RerankDocuments } from './rerank-documents.js';

/** Embeddings, reranking and classification by the encoders of the model repository. */
@Module({})
export class EncodingModule {
  static register({ engine, registry }: Pick<Inference, 'engine' | 'registry'>): DynamicModule {
    const models = new EncoderModels(engine, registry);
    const embedTexts = new EmbedTexts(models);
    return {
      module: EncodingModule,
      controllers: [EncodingHandler],
      providers: [
        { provide: EncoderModels, useValue: models },
        { provide: EmbedTexts, useValue: embedTexts },
        { provide: RerankDocuments, useValue: new RerankDocuments(models, embedTexts) },
        { provide: ClassifyText, useValue: new ClassifyText(models) },
      ],
      exports: [EncoderModels],
    };
  }
}
