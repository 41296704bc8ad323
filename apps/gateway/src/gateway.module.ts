import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, DiscoveryModule } from '@nestjs/core';
import { MESSAGING, type Messaging } from '@trivium/messaging';
import { ModelServices } from './admin-models/model-services.js';
import { Converse } from './converse/converse.js';
import { TakeDocument } from './documents/take-document.js';
import { CreateEmbeddings } from './embeddings/create-embeddings.js';
import { ErrorFilter } from './errors/error.filter.js';
import { bodyLimits, GATEWAY_CONFIG, type GatewayConfig } from './gateway.config.js';
import { Answering } from './http/answering.js';
import { Arrival } from './http/arrival.js';
import { BodyBudget } from './http/body-budget.js';
import { BodyIntake } from './http/body-intake.js';
import { Entrance } from './http/entrance.js';
import { OpenExchanges } from './http/open-exchanges.js';
import { Routes } from './http/routes.js';
import { KeyGuard } from './keys/key.guard.js';
import { RequestLimit } from './keys/request-limit.js';
import { VerifyKey } from './keys/verify-key.js';
import { TakeMedia } from './media/take-media.js';
import { ListModels } from './models/list-models.js';
import { API_CONTROLLERS } from './openapi/all-endpoints.js';
import { OpenApiController } from './openapi/openapi.controller.js';
import { RankDocuments } from './rerank/rank-documents.js';
import { CreateResponse } from './responses/create-response.js';
import { EventWriter } from './streaming/event-writer.js';
import { Infer } from './v2/infer.js';
import { ModelControl } from './v2/model-control.js';
import { ModelDirectory } from './v2/model-directory.js';

@Module({})
export class GatewayModule {
  static register(config: GatewayConfig): DynamicModule {
    return {
      module: GatewayModule,
      imports: [DiscoveryModule],
      controllers: [...API_CONTROLLERS, OpenApiController],
      providers: [
        { provide: GATEWAY_CONFIG, useValue: config },
        { provide: APP_FILTER, useClass: ErrorFilter },
        {
          provide: OpenExchanges,
          useValue: new OpenExchanges({
            defaultMs: config.GATEWAY_REQUEST_TIMEOUT_MS,
            mostMs: config.GATEWAY_MAX_TIMEOUT_MS,
          }),
        },
        {
          provide: Arrival,
          inject: [OpenExchanges],
          useFactory: (exchanges: OpenExchanges) =>
            new Arrival(exchanges, config.GATEWAY_TLS_CERT === undefined ? 'http' : 'https'),
        },
        { provide: BodyBudget, useValue: new BodyBudget(config.GATEWAY_BODY_BUDGET_BYTES) },
        {
          provide: BodyIntake,
          inject: [BodyBudget],
          useFactory: (budget: BodyBudget) => new BodyIntake(bodyLimits(config), budget),
        },
        {
          provide: EventWriter,
          useValue: new EventWriter({
            heartbeatMs: config.GATEWAY_HEARTBEAT_MS,
            stallTimeoutMs: config.GATEWAY_STALL_TIMEOUT_MS,
          }),
        },
        {
          provide: KeyGuard,
          inject: [MESSAGING],
          useFactory: (messaging: Messaging) => keyGuard(messaging, config),
        },
        {
          provide: Converse,
          inject: [MESSAGING],
          useFactory: (messaging: Messaging) =>
            new Converse(messaging, {
              firstMs: config.GATEWAY_FIRST_TOKEN_TIMEOUT_MS,
              gapMs: config.GATEWAY_IDLE_TIMEOUT_MS,
            }),
        },
        ...[TakeMedia, ListModels, ModelServices, ModelDirectory, CreateEmbeddings, RankDocuments].map(
          (useCase) => ({
            provide: useCase,
            inject: [MESSAGING],
            useFactory: (messaging: Messaging) => new useCase(messaging),
          }),
        ),
        {
          provide: Infer,
          inject: [MESSAGING, ModelDirectory],
          useFactory: (messaging: Messaging, directory: ModelDirectory) => new Infer(messaging, directory),
        },
        {
          provide: ModelControl,
          inject: [ModelDirectory],
          useFactory: (directory: ModelDirectory) => new ModelControl(directory),
        },
        {
          provide: TakeDocument,
          inject: [TakeMedia],
          useFactory: (media: TakeMedia) => new TakeDocument(media),
        },
        {
          provide: Entrance,
          inject: [Arrival, KeyGuard, BodyIntake],
          useFactory: (arrival: Arrival, guard: KeyGuard, intake: BodyIntake) =>
            new Entrance(arrival, guard, intake),
        },
        {
          provide: Answering,
          inject: [OpenExchanges, BodyIntake, EventWriter],
          useFactory: (exchanges: OpenExchanges, intake: BodyIntake, writer: EventWriter) =>
            new Answering(exchanges, intake, writer),
        },
        CreateResponse,
        Routes,
      ],
    };
  }
}

function keyGuard(messaging: Messaging, config: GatewayConfig): KeyGuard {
  const verifyKey = new VerifyKey(messaging, {
    localKey: config.TRIVIUM_API_KEY,
    freshMs: config.GATEWAY_KEY_FRESH_MS,
    staleMs: config.GATEWAY_KEY_STALE_MS,
  });
  return new KeyGuard(verifyKey, new RequestLimit(config.GATEWAY_REQUESTS_PER_MINUTE));
}
