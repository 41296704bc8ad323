import { type DynamicModule, Module } from '@nestjs/common';
import { inferenceContracts } from '@trivium/contracts/inference';
import type { InferenceService } from '@trivium/contracts/model-manifest';
import { Engine } from './engine/engine.js';
import { inferHandlerOf } from './handlers/infer.handler.js';
import { precisionHandlerOf } from './handlers/precision.handler.js';
import { repositoryHandlerOf } from './handlers/repository.handler.js';
import { uploadsHandlerOf } from './handlers/uploads.handler.js';
import { InferTensors } from './inference/infer-tensors.js';
import { Jobs } from './jobs/jobs.js';
import { Catalogue } from './market/catalogue.js';
import { marketHandlerOf } from './market/market.handler.js';
import { PullModel } from './market/pull-model.js';
import { ModelFiles } from './precision/model-file.js';
import { ProfileVersion } from './precision/profile-version.js';
import { QuantizeVersion } from './precision/quantize-version.js';
import { Uploads } from './uploads/uploads.js';

/** What the handlers are given. */
interface InferenceParts {
  readonly engine: Engine;
  readonly inferTensors: InferTensors;
  readonly uploads: Uploads;
  readonly modelFiles: ModelFiles;
  readonly profileVersion: ProfileVersion;
  readonly quantizeVersion: QuantizeVersion;
  readonly catalogue: Catalogue;
  readonly pullModel: PullModel;
  readonly jobs: Jobs;
}

/** Answers everything about the models of one service. */
@Module({})
export class InferenceModule {
  static register(service: InferenceService, parts: InferenceParts): DynamicModule {
    const contracts = inferenceContracts[service];
    return {
      module: InferenceModule,
      controllers: [
        inferHandlerOf(contracts),
        repositoryHandlerOf(contracts),
        uploadsHandlerOf(contracts),
        precisionHandlerOf(contracts),
        marketHandlerOf(contracts),
      ],
      providers: [
        { provide: Engine, useValue: parts.engine },
        { provide: InferTensors, useValue: parts.inferTensors },
        { provide: Uploads, useValue: parts.uploads },
        { provide: ModelFiles, useValue: parts.modelFiles },
        { provide: ProfileVersion, useValue: parts.profileVersion },
        { provide: QuantizeVersion, useValue: parts.quantizeVersion },
        { provide: Catalogue, useValue: parts.catalogue },
        { provide: PullModel, useValue: parts.pullModel },
        { provide: Jobs, useValue: parts.jobs },
      ],
    };
  }
}
