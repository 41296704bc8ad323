import { Controller, Inject } from '@nestjs/common';
import { DomainError } from '@trivium/contracts';
import { inferenceContracts } from '@trivium/contracts/inference';
import { ModelId } from '@trivium/contracts/model-manifest';
import { z } from 'zod';
import { type AnswerOf, endpoint, type InputOf } from '../http/endpoint.js';
import type { Exchange } from '../http/exchange.js';
import { Serves } from '../http/serves.js';
import { Job, JobPage, showJob } from './job-shape.js';
import { CataloguePage } from './model-shape.js';
import { ModelServices } from './model-services.js';
import { readScopedId } from './scoped-id.js';

const place = { tag: 'Model administration', access: 'admin' } as const;
const params = z.strictObject({ job_id: z.string().max(256) });

export const listCatalogue = endpoint({
  ...place,
  operationId: 'listModelCatalogue',
  method: 'GET',
  path: '/admin/models/catalog',
  summary: 'Public models that may be pulled, with their licences',
  reply: CataloguePage,
});

export const pullModel = endpoint({
  ...place,
  operationId: 'pullModel',
  method: 'POST',
  path: '/admin/models/pull',
  summary: 'Fetch a model of the catalogue from the hub, as a job',
  body: z
    .strictObject({
      model: ModelId,
      allow_non_commercial: z
        .boolean()
        .default(false)
        .describe('take weights whose licence does not allow commercial use, or does not say'),
    })
    .meta({ id: 'PullModelRequest' }),
  reply: Job,
});

export const listModelJobs = endpoint({
  ...place,
  operationId: 'listModelJobs',
  method: 'GET',
  path: '/admin/model-jobs',
  summary: 'Pulls, quantizations and profiles of the last day',
  reply: JobPage,
});

export const getModelJob = endpoint({
  ...place,
  operationId: 'getModelJob',
  method: 'GET',
  path: '/admin/model-jobs/:job_id',
  summary: 'One job, with its progress or its result',
  params,
  reply: Job,
});

export const cancelModelJob = endpoint({
  ...place,
  operationId: 'cancelModelJob',
  method: 'DELETE',
  path: '/admin/model-jobs/:job_id',
  summary: 'Cancel a job; what a pull has fetched stays for the next one',
  params,
  reply: Job,
});

@Controller()
export class ModelMarketController {
  constructor(@Inject(ModelServices) private readonly services: ModelServices) {}

  @Serves(listCatalogue)
  async catalogue(
    _input: InputOf<typeof listCatalogue>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof listCatalogue>> {
    const { replies, away } = await this.#catalogues(exchange);
    const manifests = replies.flatMap(({ reply }) => reply.manifests);
    return {
      object: 'list',
      data: manifests.toSorted((a, b) => a.id.localeCompare(b.id)),
      services_away: [...away],
    };
  }

  @Serves(pullModel)
  async pull(
    { body: { model, allow_non_commercial: allowNonCommercial } }: InputOf<typeof pullModel>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof pullModel>> {
    const { replies, away } = await this.#catalogues(exchange);
    const service = replies.find(({ reply }) => reply.manifests.some(({ id }) => id === model))?.service;
    if (service !== undefined) {
      const contract = inferenceContracts[service].pullModel;
      const request = { model, allowNonCommercial };
      return showJob(service, await this.services.call(contract, request, exchange));
    }
    if (away.length > 0) {
      throw new DomainError('unavailable', `Not answering at the moment: ${away.join(', ')}.`);
    }
    throw new DomainError(
      'model_not_found',
      `The catalogue has no model '${model}'. GET /admin/models/catalog lists those it has.`,
      { param: 'model' },
    );
  }

  @Serves(listModelJobs)
  async listJobs(
    _input: InputOf<typeof listModelJobs>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof listModelJobs>> {
    const { replies, away } = await this.services.askAll(({ listModelJobs: list }) => list, {}, exchange);
    const jobs = replies.flatMap(({ service, reply }) => reply.jobs.map((job) => showJob(service, job)));
    return {
      object: 'list',
      data: jobs.toSorted((a, b) => b.created_at - a.created_at),
      services_away: [...away],
    };
  }

  @Serves(getModelJob)
  async job(
    { params: { job_id: text } }: InputOf<typeof getModelJob>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof getModelJob>> {
    const { service, id: jobId } = readScopedId(text, 'job_id');
    const contract = inferenceContracts[service].listModelJobs;
    const { jobs } = await this.services.call(contract, { jobId }, exchange);
    const job = jobs.find((candidate) => candidate.jobId === jobId);
    if (job !== undefined) return showJob(service, job);
    throw new DomainError('not_found', `There is no job '${text}'.`, { param: 'job_id' });
  }

  @Serves(cancelModelJob)
  async cancel(
    { params: { job_id: text } }: InputOf<typeof cancelModelJob>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof cancelModelJob>> {
    const { service, id: jobId } = readScopedId(text, 'job_id');
    const contract = inferenceContracts[service].cancelModelJob;
    return showJob(service, await this.services.call(contract, { jobId }, exchange));
  }

  #catalogues(exchange: Exchange) {
    return this.services.askAll(({ listCatalogue: list }) => list, {}, exchange);
  }
}
