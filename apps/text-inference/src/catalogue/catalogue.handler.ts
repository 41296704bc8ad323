import { Controller, Inject, Optional } from '@nestjs/common';
import type { ReplyOf } from '@trivium/contracts';
import { listTextModels } from '@trivium/contracts/text-inference';
import { AnswersCall } from '@trivium/messaging';
import { EncoderModels } from '../encoding/encoder-models.js';
import { ModelCatalogue } from './model-catalogue.js';

@Controller()
export class CatalogueHandler {
  constructor(
    @Inject(ModelCatalogue) private readonly catalogue: ModelCatalogue,
    // @NOTE a service that reaches its models elsewhere has no repository of its own
    @Optional() @Inject(EncoderModels) private readonly encoders?: EncoderModels,
  ) {}

  @AnswersCall(listTextModels)
  async list(): Promise<ReplyOf<typeof listTextModels>> {
    return { models: [...this.catalogue.list(), ...(this.encoders?.list() ?? [])] };
  }
}
