import { Controller, Inject } from '@nestjs/common';
import { DomainError } from '@trivium/contracts';
import {
  InferenceError,
  ModelConfig,
  ModelMetadata,
  StatisticsResponse,
} from '@trivium/contracts/open-inference';
import { z } from 'zod';
import { type AnswerOf, endpoint, type InputOf } from '../http/endpoint.js';
import type { Exchange } from '../http/exchange.js';
import { Serves } from '../http/serves.js';
import { ModelControl } from './model-control.js';

const place = {
  tag: 'Open Inference Protocol',
  access: 'key',
  method: 'GET',
  failure: InferenceError,
} as const;
const ofModel = { ...place, params: z.strictObject({ model: z.string() }) };
const ofVersion = { ...place, params: z.strictObject({ model: z.string(), version: z.string() }) };
const Ready = z.strictObject({ name: z.string(), ready: z.boolean() });

const metadata = { summary: 'What a model takes and gives', reply: ModelMetadata } as const;
const ready = {
  summary: 'Whether a model answers without being loaded first',
  reply: Ready,
} as const;
const config = { summary: "How a model is served, in Triton's words", reply: ModelConfig } as const;
const statistics = {
  summary: 'What was done, as counts and summed nanoseconds since the service began',
  reply: StatisticsResponse,
} as const;

export const modelMetadata = endpoint({
  ...ofModel,
  ...metadata,
  operationId: 'modelMetadata',
  path: '/v2/models/:model',
});
export const modelVersionMetadata = endpoint({
  ...ofVersion,
  ...metadata,
  operationId: 'modelVersionMetadata',
  path: '/v2/models/:model/versions/:version',
});
export const modelReady = endpoint({
  ...ofModel,
  ...ready,
  operationId: 'modelReady',
  path: '/v2/models/:model/ready',
});
export const modelVersionReady = endpoint({
  ...ofVersion,
  ...ready,
  operationId: 'modelVersionReady',
  path: '/v2/models/:model/versions/:version/ready',
});
export const modelConfig = endpoint({
  ...ofModel,
  ...config,
  operationId: 'modelConfig',
  path: '/v2/models/:model/config',
});
export const modelVersionConfig = endpoint({
  ...ofVersion,
  ...config,
  operationId: 'modelVersionConfig',
  path: '/v2/models/:model/versions/:version/config',
});
export const allStatistics = endpoint({
  ...place,
  ...statistics,
  operationId: 'allModelStatistics',
  path: '/v2/models/stats',
});
export const modelStatistics = endpoint({
  ...ofModel,
  ...statistics,
  operationId: 'modelStatistics',
  path: '/v2/models/:model/stats',
});
export const modelVersionStatistics = endpoint({
  ...ofVersion,
  ...statistics,
  operationId: 'modelVersionStatistics',
  path: '/v2/models/:model/versions/:version/stats',
});

interface OfModel {
  readonly params: { readonly model: string };
}
interface OfVersion {
  readonly params: { readonly model: string; readonly version: string };
}

@Controller()
export class ModelController {
  constructor(@Inject(ModelControl) private readonly control: ModelControl) {}

  @Serves(modelMetadata)
  metadata({ params }: OfModel, exchange: Exchange): Promise<AnswerOf<typeof modelMetadata>> {
    return this.control.metadata(params.model, undefined, exchange);
  }

  @Serves(modelVersionMetadata)
  versionMetadata({ params }: OfVersion, exchange: Exchange): Promise<AnswerOf<typeof modelVersionMetadata>> {
    return this.control.metadata(params.model, params.version, exchange);
  }

  @Serves(modelReady)
  ready({ params }: OfModel, exchange: Exchange): Promise<AnswerOf<typeof modelReady>> {
    return this.#ready(params.model, undefined, exchange);
  }

  @Serves(modelVersionReady)
  versionReady({ params }: OfVersion, exchange: Exchange): Promise<AnswerOf<typeof modelVersionReady>> {
    return this.#ready(params.model, params.version, exchange);
  }

  @Serves(modelConfig)
  config({ params }: OfModel, exchange: Exchange): Promise<AnswerOf<typeof modelConfig>> {
    return this.control.config(params.model, undefined, exchange);
  }

  @Serves(modelVersionConfig)
  versionConfig({ params }: OfVersion, exchange: Exchange): Promise<AnswerOf<typeof modelVersionConfig>> {
    return this.control.config(params.model, params.version, exchange);
  }

  @Serves(allStatistics)
  allStatistics(
    _input: InputOf<typeof allStatistics>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof allStatistics>> {
    return this.control.statistics(undefined, undefined, exchange);
  }

  @Serves(modelStatistics)
  statistics({ params }: OfModel, exchange: Exchange): Promise<AnswerOf<typeof modelStatistics>> {
    return this.control.statistics(params.model, undefined, exchange);
  }

  @Serves(modelVersionStatistics)
  versionStatistics(
    { params }: OfVersion,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof modelVersionStatistics>> {
    return this.control.statistics(params.model, params.version, exchange);
  }

  /** Clients look at the status alone, so what is not ready is no 200. */
  async #ready(
    name: string,
    version: string | undefined,
    exchange: Exchange,
  ): Promise<z.output<typeof Ready>> {
    if (await this.control.isReady(name, version, exchange)) return { name, ready: true };
    throw new DomainError('model_not_available', `'${name}' is not loaded; a request for it loads it.`, {
      param: 'model',
      retryable: true,
    });
  }
}
