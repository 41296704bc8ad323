import { Controller, Inject } from '@nestjs/common';
import { ModelId, ModelVersion, Variant, VersionLabel } from '@trivium/contracts/model-manifest';
import { MESSAGING, type Messaging } from '@trivium/messaging';
import { z } from 'zod';
import { type AnswerOf, endpoint, type InputOf } from '../http/endpoint.js';
import type { Exchange } from '../http/exchange.js';
import { PlainAnswer } from '../http/plain-answer.js';
import { Serves } from '../http/serves.js';
import { TakeMedia } from '../media/take-media.js';
import { Job, showJob } from './job-shape.js';
import { showVersion, VersionPage } from './model-shape.js';
import { ModelServices } from './model-services.js';
import { showStatistics, StatisticsPage } from './statistics-shape.js';

const place = { tag: 'Model administration', access: 'admin' } as const;
const params = z.strictObject({ model: ModelId });
const version = z
  .union([ModelVersion, VersionLabel])
  .optional()
  .describe('a number or a label; absent: the one that serves');

export const loadAdminModel = endpoint({
  ...place,
  operationId: 'loadAdminModel',
  method: 'POST',
  path: '/admin/models/:model/load',
  summary: 'Load a version before anybody asks for it',
  params,
  body: z
    .strictObject({
      version,
      variant: Variant.optional(),
      wait: z.boolean().default(true).describe('answer when it is loaded, not when it begins'),
    })
    .prefault({})
    .meta({ id: 'LoadModelRequest' }),
  reply: VersionPage,
});

export const unloadAdminModel = endpoint({
  ...place,
  operationId: 'unloadAdminModel',
  method: 'POST',
  path: '/admin/models/:model/unload',
  summary: 'Give the memory of a version back; it stays in the repository',
  params,
  body: z.strictObject({ version }).prefault({}).meta({ id: 'UnloadModelRequest' }),
  reply: VersionPage,
});

export const quantizeModel = endpoint({
  ...place,
  operationId: 'quantizeModel',
  method: 'POST',
  path: '/admin/models/:model/quantize',
  summary: 'Make a smaller variant of the fp32 weights, measure it, and publish it if it agrees, as a job',
  params,
  body: z
    .strictObject({
      version,
      variant: Variant.exclude(['fp32']),
      publish: z.boolean().default(true).describe('false: only measure'),
    })
    .meta({ id: 'QuantizeModelRequest' }),
  reply: Job,
});

export const inspectModel = endpoint({
  ...place,
  operationId: 'inspectModel',
  method: 'POST',
  path: '/admin/models/:model/inspect',
  summary: 'Operators, shapes, parameters, size and estimated memory',
  params,
  body: z
    .strictObject({ version, variant: Variant.default('fp32') })
    .prefault({})
    .meta({ id: 'InspectModelRequest' }),
  reply: z
    .strictObject({
      object: z.literal('model.inspection'),
      model: ModelId,
      inspection: z.record(z.string(), z.unknown()),
    })
    .meta({ id: 'ModelInspection' }),
});

export const profileModel = endpoint({
  ...place,
  operationId: 'profileModel',
  method: 'POST',
  path: '/admin/models/:model/profile',
  summary: 'Where the time of a run goes, operator by operator',
  params,
  body: z
    .strictObject({
      version,
      variant: Variant.default('fp32'),
      runs: z.int().min(1).max(100).default(10),
      batch_size: z.int().min(1).max(256).default(1),
      length: z.int().min(1).max(4_096).default(128).describe("side used wherever the model's shape varies"),
      format: z
        .enum(['operators', 'trace'])
        .default('operators')
        .describe('trace: a file for Perfetto or chrome://tracing instead of the summary'),
    })
    .prefault({})
    .meta({ id: 'ProfileModelRequest' }),
  reply: z
    .strictObject({
      object: z.literal('model.profile'),
      model: ModelId,
      operators: z.array(z.record(z.string(), z.unknown())),
    })
    .meta({ id: 'ModelProfile' }),
});

export const getAdminModelStatistics = endpoint({
  ...place,
  operationId: 'getAdminModelStatistics',
  method: 'GET',
  path: '/admin/models/:model/stats',
  summary: 'Counts and times of requests, runs and batches, per version',
  params,
  query: z.strictObject({ version: ModelVersion.optional() }),
  reply: StatisticsPage,
});

@Controller()
export class ModelWorkController {
  constructor(
    @Inject(ModelServices) private readonly services: ModelServices,
    @Inject(MESSAGING) private readonly messaging: Messaging,
    @Inject(TakeMedia) private readonly media: TakeMedia,
  ) {}

  @Serves(loadAdminModel)
  async load(
    { params: { model }, body }: InputOf<typeof loadAdminModel>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof loadAdminModel>> {
    const { loadModel } = await this.services.contractsFor(model, exchange);
    const { versions } = await this.services.call(loadModel, { model, ...body }, exchange);
    return { object: 'list', data: versions.map(showVersion) };
  }

  @Serves(unloadAdminModel)
  async unload(
    { params: { model }, body }: InputOf<typeof unloadAdminModel>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof unloadAdminModel>> {
    const { unloadModel } = await this.services.contractsFor(model, exchange);
    const { versions } = await this.services.call(unloadModel, { model, ...body }, exchange);
    return { object: 'list', data: versions.map(showVersion) };
  }

  @Serves(quantizeModel)
  async quantize(
    { params: { model }, body }: InputOf<typeof quantizeModel>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof quantizeModel>> {
    const { service, quantizeModel: contract } = await this.services.contractsFor(model, exchange);
    return showJob(service, await this.services.call(contract, { model, ...body }, exchange));
  }

  @Serves(inspectModel)
  async inspect(
    { params: { model }, body }: InputOf<typeof inspectModel>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof inspectModel>> {
    const { inspectModel: contract } = await this.services.contractsFor(model, exchange);
    const { inspection } = await this.services.call(contract, { model, ...body }, exchange);
    return { object: 'model.inspection', model, inspection };
  }

  @Serves(profileModel)
  async profile(
    { params: { model }, body: { batch_size: batchSize, format, ...body } }: InputOf<typeof profileModel>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof profileModel>> {
    const { profileModel: contract } = await this.services.contractsFor(model, exchange);
    const request = { model, batchSize, ...body };
    const { operators, trace } = await this.services.call(contract, request, exchange);
    this.media.onlyFor(exchange, trace);
    if (format === 'operators') return { object: 'model.profile', model, operators };
    const bytes = await exchange.inTime(this.messaging.blobs.get(trace, { signal: exchange.signal }));
    return new PlainAnswer(200, Buffer.from(bytes).toString('utf8'), {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="${model}.trace.json"`,
      'x-content-type-options': 'nosniff',
    });
  }

  @Serves(getAdminModelStatistics)
  async statistics(
    { params: { model }, query }: InputOf<typeof getAdminModelStatistics>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof getAdminModelStatistics>> {
    const { getModelStatistics } = await this.services.contractsFor(model, exchange);
    const { statistics } = await this.services.call(getModelStatistics, { model, ...query }, exchange);
    return { object: 'list', data: statistics.map(showStatistics) };
  }
}
