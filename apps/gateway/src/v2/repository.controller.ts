import { Controller, Inject } from '@nestjs/common';
import {
  InferenceError,
  RepositoryIndex,
  RepositoryIndexRequest,
  RepositoryLoadRequest,
  RepositoryUnloadRequest,
} from '@trivium/contracts/open-inference';
import { z } from 'zod';
import { type AnswerOf, endpoint, type InputOf } from '../http/endpoint.js';
import type { Exchange } from '../http/exchange.js';
import { Serves } from '../http/serves.js';
import { ModelControl } from './model-control.js';
import { readJson } from './read-body.js';

const place = {
  tag: 'Open Inference Protocol',
  method: 'POST',
  bytes: { everyType: true, description: 'the same JSON under any content type' },
  failure: InferenceError,
} as const;
const params = z.strictObject({ model: z.string() });
const Done = z.strictObject({});

const IndexBody = RepositoryIndexRequest.optional();
const LoadBody = RepositoryLoadRequest.optional();
const UnloadBody = RepositoryUnloadRequest.optional();

export const repositoryIndex = endpoint({
  ...place,
  operationId: 'repositoryIndex',
  path: '/v2/repository/index',
  summary: 'All models and versions, with their states',
  access: 'key',
  body: IndexBody,
  reply: RepositoryIndex,
});

export const repositoryLoad = endpoint({
  ...place,
  operationId: 'repositoryLoad',
  path: '/v2/repository/models/:model/load',
  summary: 'Load a model or one version of it; answers when it is loaded',
  access: 'admin',
  params,
  body: LoadBody,
  reply: Done,
});

export const repositoryUnload = endpoint({
  ...place,
  operationId: 'repositoryUnload',
  path: '/v2/repository/models/:model/unload',
  summary: 'Unload a model or one version of it; requests in flight end on it',
  access: 'admin',
  params,
  body: UnloadBody,
  reply: Done,
});

@Controller()
export class RepositoryController {
  constructor(@Inject(ModelControl) private readonly control: ModelControl) {}

  @Serves(repositoryIndex)
  index({ bytes }: InputOf<typeof repositoryIndex>): Promise<AnswerOf<typeof repositoryIndex>> {
    const request = readJson(IndexBody, bytes?.content ?? NOTHING);
    return this.control.index(request?.ready ?? false);
  }

  @Serves(repositoryLoad)
  async load(
    { params: { model }, bytes }: InputOf<typeof repositoryLoad>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof repositoryLoad>> {
    const request = readJson(LoadBody, bytes?.content ?? NOTHING);
    await this.control.load(model, request?.parameters ?? {}, exchange);
    return {};
  }

  @Serves(repositoryUnload)
  async unload(
    { params: { model }, bytes }: InputOf<typeof repositoryUnload>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof repositoryUnload>> {
    const request = readJson(UnloadBody, bytes?.content ?? NOTHING);
    await this.control.unload(model, request?.parameters ?? {}, exchange);
    return {};
  }
}

const NOTHING = new Uint8Array();
