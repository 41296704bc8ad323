import { Controller, Inject, type Type } from '@nestjs/common';
import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import type { InferenceContracts } from '@trivium/contracts/inference';
import { AnswersCall } from '@trivium/messaging';
import { Jobs } from '../jobs/jobs.js';
import { Catalogue } from './catalogue.js';
import { PullModel } from './pull-model.js';

/** What may be pulled, pulling it, and the jobs of this service. */
export function marketHandlerOf(contracts: InferenceContracts): Type {
  type C = typeof contracts;

  @Controller()
  class MarketHandler {
    constructor(
      @Inject(Catalogue) private readonly catalogue: Catalogue,
      @Inject(PullModel) private readonly pullModel: PullModel,
      @Inject(Jobs) private readonly jobs: Jobs,
    ) {}

    @AnswersCall(contracts.listCatalogue)
    async list(): Promise<ReplyOf<C['listCatalogue']>> {
      return { manifests: this.catalogue.list(contracts.service) };
    }

    @AnswersCall(contracts.pullModel)
    pull(request: ParsedRequestOf<C['pullModel']>): Promise<ReplyOf<C['pullModel']>> {
      return this.pullModel.execute(request);
    }

    @AnswersCall(contracts.listModelJobs)
    async listJobs({ jobId }: ParsedRequestOf<C['listModelJobs']>): Promise<ReplyOf<C['listModelJobs']>> {
      return { jobs: jobId === undefined ? await this.jobs.list() : [await this.jobs.get(jobId)] };
    }

    @AnswersCall(contracts.cancelModelJob)
    cancel({ jobId }: ParsedRequestOf<C['cancelModelJob']>): Promise<ReplyOf<C['cancelModelJob']>> {
      return this.jobs.cancel(jobId);
    }
  }
  return MarketHandler;
}
