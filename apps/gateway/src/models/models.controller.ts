import { Controller, Inject } from '@nestjs/common';
import type { ModelDescription } from '@trivium/contracts/model';
import { z } from 'zod';
import { present } from '../converse/parameters.js';
import { type AnswerOf, endpoint, type InputOf } from '../http/endpoint.js';
import type { Exchange } from '../http/exchange.js';
import { Serves } from '../http/serves.js';
import { ListModels } from './list-models.js';

const Model = z
  .strictObject({
    id: z.string(),
    object: z.literal('model'),
    created: z.int(),
    owned_by: z.string(),
    description: z.string().optional().describe('what it is for, and what it is not'),
    context_window: z.int().optional().describe('tokens of prompt and answer together, where known'),
    dimensions: z.int().optional().describe('length of its vectors, of a model that embeds'),
  })
  .meta({ id: 'Model' });

const ModelPage = z
  .strictObject({ object: z.literal('list'), data: z.array(Model) })
  .meta({ id: 'ModelList' });

export const listModels = endpoint({
  operationId: 'listModels',
  method: 'GET',
  path: '/v1/models',
  tag: 'Models',
  summary: 'What can be asked',
  access: 'key',
  reply: ModelPage,
});

export const getModel = endpoint({
  operationId: 'getModel',
  method: 'GET',
  path: '/v1/models/*',
  tag: 'Models',
  summary: 'One model; ids may hold slashes',
  access: 'key',
  params: z.strictObject({ '*': z.string().min(1) }),
  reply: Model,
});

@Controller()
export class ModelsController {
  constructor(@Inject(ListModels) private readonly models: ListModels) {}

  @Serves(listModels)
  async list(_input: InputOf<typeof listModels>, exchange: Exchange): Promise<AnswerOf<typeof listModels>> {
    return { object: 'list', data: (await this.models.execute(exchange)).map(showModel) };
  }

  @Serves(getModel)
  async get({ params }: InputOf<typeof getModel>, exchange: Exchange): Promise<AnswerOf<typeof getModel>> {
    return showModel(await this.models.one(params['*'], exchange));
  }
}

function showModel(model: ModelDescription): z.output<typeof Model> {
  const { id, created, ownedBy, description, contextWindow, dimensions } = model;
  return {
    id,
    object: 'model',
    created,
    owned_by: ownedBy,
    ...present({ description, context_window: contextWindow, dimensions }),
  };
}
