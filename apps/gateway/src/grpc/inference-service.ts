import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import { LoadParameters, UnloadParameters } from '@trivium/contracts/open-inference';
import type { Health } from '@trivium/platform';
import type { Exchange } from '../http/exchange.js';
import type { Infer } from '../v2/infer.js';
import type { ModelControl } from '../v2/model-control.js';
import { SERVER } from '../v2/server-identity.js';
import {
  type InferRequestMessage,
  type ParameterMessages,
  readInferRequest,
  readParameters,
  writeInferAnswer,
} from './infer-messages.js';
import type { OpenCalls } from './open-calls.js';

interface OfModel {
  readonly name: string;
  readonly version: string;
}
interface OfRepository {
  readonly model_name: string;
  readonly parameters: ParameterMessages;
}

interface Parts {
  readonly infer: Infer;
  readonly control: ModelControl;
  readonly health: Health;
}

/** The methods by their names in the protocol. */
export function inferenceService(
  calls: OpenCalls,
  { infer, control, health }: Parts,
): UntypedServiceImplementation {
  const run = async (message: InferRequestMessage, exchange: Exchange) =>
    writeInferAnswer(await infer.execute(readInferRequest(message), exchange), message);
  return {
    ServerLive: calls.unary(async () => ({ live: health.wedged === undefined })),
    ServerReady: calls.unary(async () => ({ ready: (await health.readiness()).ready })),
    ServerMetadata: calls.unary(async () => SERVER),
    ModelReady: calls.unary(async ({ name, version }: OfModel, exchange) => ({
      ready: await control.isReady(name, version, exchange),
    })),
    ModelMetadata: calls.unary(({ name, version }: OfModel, exchange) =>
      control.metadata(name, version, exchange),
    ),
    ModelInfer: calls.unary(run),
    ModelStreamInfer: calls.stream(run),
    ModelConfig: calls.unary(async ({ name, version }: OfModel, exchange) => ({
      config: await control.config(name, version, exchange),
    })),
    ModelStatistics: calls.unary(({ name, version }: OfModel, exchange) =>
      control.statistics(name === '' ? undefined : name, version, exchange),
    ),
    RepositoryIndex: calls.unary(async ({ ready }: { readonly ready: boolean }) => ({
      models: await control.index(ready),
    })),
    RepositoryModelLoad: calls.unary(async ({ model_name, parameters }: OfRepository, exchange) => {
      await control.load(model_name, readParameters(LoadParameters, parameters), exchange);
      return {};
    }),
    RepositoryModelUnload: calls.unary(async ({ model_name, parameters }: OfRepository, exchange) => {
      await control.unload(model_name, readParameters(UnloadParameters, parameters), exchange);
      return {};
    }),
  };
}
