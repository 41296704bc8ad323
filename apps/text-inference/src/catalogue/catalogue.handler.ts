import { Controller, Inject } from '@nestjs/common';
import type { ReplyOf } from '@trivium/contracts';
import { listTextModels } from '@trivium/contracts/text-inference';
import { AnswersCall } from '@trivium/messaging';
import { ModelCatalogue } from './model-catalogue.js';

@Controller()
export class CatalogueHandler {
  constructor(@Inject(ModelCatalogue) private readonly catalogue: ModelCatalogue) {}

  @AnswersCall(listTextModels)
  async list(): Promise<ReplyOf<typeof listTextModels>> {
    return { models: this.catalogue.list() };
  }
}
