import { Controller, Inject } from '@nestjs/common';
import { DomainError } from '@trivium/contracts';
import { TrafficRule } from '@trivium/contracts/inference';
import { ModelId, ModelManifest, ModelVersion, VersionLabel } from '@trivium/contracts/model-manifest';
import { z } from 'zod';
import { type AnswerOf, endpoint, type InputOf } from '../http/endpoint.js';
import type { Exchange } from '../http/exchange.js';
import { Serves } from '../http/serves.js';
import { Model, ModelPage, readRollout, RemovedModel, Rollout, showModel } from './model-shape.js';
import { ModelServices } from './model-services.js';

const place = { tag: 'Model administration', access: 'admin' } as const;
const params = z.strictObject({ model: ModelId });

/** Paths that mean something else. */
const RESERVED = new Set(['catalog', 'pull']);

export const listAdminModels = endpoint({
  ...place,
  operationId: 'listAdminModels',
  method: 'GET',
  path: '/admin/models',
  summary: 'All models of the repository, with their versions and what serves',
  reply: ModelPage,
});

export const putAdminModel = endpoint({
  ...place,
  operationId: 'putAdminModel',
  method: 'POST',
  path: '/admin/models',
  summary: 'Make a model, or replace its manifest; versions come by upload, pull or quantization',
  body: z.strictObject({ manifest: ModelManifest }).meta({ id: 'PutModelRequest' }),
  reply: Model,
});

export const getAdminModel = endpoint({
  ...place,
  operationId: 'getAdminModel',
  method: 'GET',
  path: '/admin/models/:model',
  summary: 'One model',
  params,
  reply: Model,
});

export const updateAdminModel = endpoint({
  ...place,
  operationId: 'updateAdminModel',
  method: 'PATCH',
  path: '/admin/models/:model',
  summary: 'Change manifest, labels, traffic, rollout or pinning; what is not sent stays as it is',
  params,
  body: z
    .strictObject({
      manifest: ModelManifest.optional(),
      labels: z
        .record(VersionLabel, ModelVersion.nullable())
        .optional()
        .describe('label to version; null takes a label away'),
      traffic: z
        .array(TrafficRule)
        .max(16)
        .optional()
        .describe('shares of the requests that name no version; none: all go to the newest ready one'),
      rollout: Rollout.nullable().optional().describe('null ends the one that runs'),
      pinned: z.boolean().optional().describe('never unloaded to make room'),
    })
    .refine((body) => Object.values(body).some((value) => value !== undefined), 'has nothing to change')
    .meta({ id: 'UpdateModelRequest' }),
  reply: Model,
});

export const deleteAdminModel = endpoint({
  ...place,
  operationId: 'deleteAdminModel',
  method: 'DELETE',
  path: '/admin/models/:model',
  summary: 'Delete a model with all its versions; requests in flight end on it',
  params,
  reply: RemovedModel,
});

export const deleteModelVersion = endpoint({
  ...place,
  operationId: 'deleteModelVersion',
  method: 'DELETE',
  path: '/admin/models/:model/versions/:version',
  summary: 'Delete one version; requests in flight end on it',
  params: params.extend({ version: ModelVersion }),
  reply: RemovedModel,
});

@Controller()
export class AdminModelsController {
  constructor(@Inject(ModelServices) private readonly services: ModelServices) {}

  @Serves(listAdminModels)
  async list(
    _input: InputOf<typeof listAdminModels>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof listAdminModels>> {
    const { replies, away } = await this.services.askAll(
      ({ listRepository }) => listRepository,
      {},
      exchange,
    );
    const models = replies.flatMap(({ reply }) => reply.models);
    return {
      object: 'list',
      data: models.toSorted((a, b) => a.id.localeCompare(b.id)).map(showModel),
      services_away: [...away],
    };
  }

  @Serves(putAdminModel)
  async put(
    { body }: InputOf<typeof putAdminModel>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof putAdminModel>> {
    const { manifest } = body;
    if (RESERVED.has(manifest.id)) {
      throw new DomainError('invalid_request', `'manifest.id': '${manifest.id}' is a path of this API.`, {
        param: 'manifest.id',
      });
    }
    const { putModel } = await this.services.contractsForManifest(manifest, exchange);
    return showModel(await this.services.call(putModel, { manifest }, exchange));
  }

  @Serves(getAdminModel)
  async get(
    { params: { model } }: InputOf<typeof getAdminModel>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof getAdminModel>> {
    return showModel(await this.services.find(model, exchange));
  }

  @Serves(updateAdminModel)
  async update(
    { params: { model }, body }: InputOf<typeof updateAdminModel>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof updateAdminModel>> {
    const { manifest, rollout, ...same } = body;
    const { putModel, updateModel } = await this.#contracts(model, manifest, exchange);
    const changes = { ...same, ...(rollout !== undefined && { rollout: rollout && readRollout(rollout) }) };
    const put = manifest && (await this.services.call(putModel, { manifest }, exchange));
    if (put !== undefined && Object.keys(changes).length === 0) return showModel(put);
    return showModel(await this.services.call(updateModel, { model, ...changes }, exchange));
  }

  @Serves(deleteAdminModel)
  delete(
    { params: { model } }: InputOf<typeof deleteAdminModel>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof deleteAdminModel>> {
    return this.#remove(model, undefined, exchange);
  }

  @Serves(deleteModelVersion)
  deleteVersion(
    { params: { model, version } }: InputOf<typeof deleteModelVersion>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof deleteModelVersion>> {
    return this.#remove(model, version, exchange);
  }

  async #remove(
    model: string,
    version: string | undefined,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof deleteAdminModel>> {
    const { removeModel } = await this.services.contractsFor(model, exchange);
    const { removed } = await this.services.call(removeModel, { model, version }, exchange);
    const deleted = version === undefined || removed.includes(version);
    return { object: 'model', id: model, deleted, removed_versions: removed };
  }

  async #contracts(model: string, manifest: ModelManifest | undefined, exchange: Exchange) {
    if (manifest === undefined) return this.services.contractsFor(model, exchange);
    if (manifest.id !== model) {
      throw new DomainError('invalid_request', `'manifest.id' is not '${model}'; a model keeps its id.`, {
        param: 'manifest.id',
      });
    }
    await this.services.find(model, exchange);
    return this.services.contractsForManifest(manifest, exchange);
  }
}
