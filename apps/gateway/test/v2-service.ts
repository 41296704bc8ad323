import { Controller, Module, type Type } from '@nestjs/common';
import { DomainError, type ParsedRequestOf, type ReplyOf } from '@trivium/contracts';
import { type InferenceContracts, inferenceContracts, type ModelSummary } from '@trivium/contracts/inference';
import { type InferenceService, ModelManifest } from '@trivium/contracts/model-manifest';
import { AnswersCall, type Blobs, connectMessaging } from '@trivium/messaging';
import { Health, loadConfig, platformConfig, startMicroservice } from '@trivium/platform';
import { createLogger } from '@trivium/telemetry';

type C = InferenceContracts;

const manifest = ModelManifest.parse({
  id: 'echo',
  task: 'tensors',
  licence: 'MIT',
  max_batch_size: 8,
  input: [{ name: 'x', data_type: 'FP32', dims: [-1] }],
  output: [{ name: 'x', data_type: 'FP32', dims: [-1] }],
});

/** Answers with what it was given, on the real subjects. */
export class EchoService {
  readonly asked: ParsedRequestOf<C['inferTensors']>[] = [];
  readonly unloaded: ParsedRequestOf<C['unloadModel']>[] = [];
  failure: DomainError | undefined;
  /** Whether the model is here; it may have moved to another service. */
  hasModel = true;
  state: 'READY' | 'UNAVAILABLE' = 'READY';
  /** Set, requests wait for it. */
  gate: Promise<void> | undefined;
  cancelled = Promise.withResolvers<void>();

  constructor(
    private readonly service: InferenceService,
    private readonly blobs: Blobs,
  ) {}

  /** As at the start of each test. */
  reset(): void {
    this.failure = undefined;
    this.gate = undefined;
    this.hasModel = true;
    this.state = 'READY';
    this.cancelled = Promise.withResolvers<void>();
  }

  get summary(): ModelSummary {
    const version = {
      state: this.state,
      reason: '',
      variants: [
        { variant: 'fp32' as const, bytes: 10, ready: this.state === 'READY' },
        { variant: 'int8' as const, bytes: 3, ready: false },
      ],
      memoryBytes: 1,
      estimatedBytes: 1,
      createdAt: 1,
    };
    return {
      id: 'echo',
      service: this.service,
      manifest,
      versions: [
        { version: '1', ...version },
        { version: '2', ...version },
      ],
      servingVersion: '2',
      labels: { stable: '1' },
      traffic: [],
      pinned: false,
    };
  }

  module(): Type {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the controller's methods have a `this` of their own
    const echo = this;
    const contracts = inferenceContracts[this.service];
    const moment = { count: 1, ns: 1_000 };
    const compute = { computeInput: moment, computeInfer: moment, computeOutput: moment };

    @Controller()
    class Echo {
      @AnswersCall(contracts.listRepository)
      async list({ model }: ParsedRequestOf<C['listRepository']>): Promise<ReplyOf<C['listRepository']>> {
        if (model === undefined) return { models: echo.hasModel ? [echo.summary] : [] };
        if (model === 'echo' && echo.hasModel) return { models: [echo.summary] };
        throw new DomainError('model_not_found', `No '${model}'.`);
      }

      @AnswersCall(contracts.inferTensors)
      async infer(
        request: ParsedRequestOf<C['inferTensors']>,
        { signal }: { signal: AbortSignal },
      ): Promise<ReplyOf<C['inferTensors']>> {
        if (!echo.hasModel) throw new DomainError('model_not_found', "No 'echo' any more.");
        echo.asked.push(request);
        signal.addEventListener('abort', () => echo.cancelled.resolve());
        await echo.gate;
        if (echo.failure !== undefined) throw echo.failure;
        const outputs = await Promise.all(
          request.inputs.map(async ({ data, ...head }) => ({
            ...head,
            data: await echo.blobs.put(await echo.blobs.get(data), 'application/octet-stream'),
          })),
        );
        return {
          model: 'echo',
          version: '2',
          variant: request.variant ?? 'fp32',
          outputs,
          cache: request.cache === 'bypass' ? 'bypass' : 'miss',
          explain: {
            variant: request.variant ?? 'fp32',
            placement: 'cpu',
            instance: 'cpu',
            releaseReason: 'full',
            queueMs: 0.5,
            computeMs: 1.5,
            batchSize: 1,
            batchCost: 1,
            batchMates: 1,
            loadMs: 0,
          },
        };
      }

      @AnswersCall(contracts.loadModel)
      async load(): Promise<ReplyOf<C['loadModel']>> {
        echo.state = 'READY';
        return { versions: [...echo.summary.versions] };
      }

      @AnswersCall(contracts.unloadModel)
      async unload(request: ParsedRequestOf<C['unloadModel']>): Promise<ReplyOf<C['unloadModel']>> {
        echo.unloaded.push(request);
        echo.state = 'UNAVAILABLE';
        return { versions: [...echo.summary.versions] };
      }

      @AnswersCall(contracts.getModelStatistics)
      async statistics(): Promise<ReplyOf<C['getModelStatistics']>> {
        const inferenceStats = {
          success: moment,
          fail: moment,
          queue: moment,
          cacheHit: moment,
          cacheMiss: moment,
          ...compute,
        };
        const batchStats = [{ batchSize: 1, ...compute }];
        const counts = {
          lastInferenceMs: 5.4,
          inferenceCount: 3,
          executionCount: 2,
          pending: 0,
          wastedMs: 0,
        };
        return {
          statistics: [
            { model: 'echo', version: '1', ...counts, inferenceStats, batchStats, releaseReasons: {} },
          ],
        };
      }
    }
    @Module({ controllers: [Echo] })
    class EchoModule {}
    return EchoModule;
  }
}

export interface RunningEcho extends AsyncDisposable {
  readonly echo: EchoService;
}

/** The service on a broker, under the name of one that computes. */
export async function startEcho(
  natsUrl: string,
  service: InferenceService = 'text-inference',
): Promise<RunningEcho> {
  const logger = createLogger('echo');
  const messaging = await connectMessaging({ name: 'echo', servers: natsUrl, logger });
  const echo = new EchoService(service, messaging.blobs);
  const running = await startMicroservice(echo.module(), {
    name: 'echo',
    config: loadConfig(platformConfig, { NATS_URL: natsUrl }),
    messaging,
    health: new Health({ cacheMs: 0 }),
    logger,
    stopping: new AbortController().signal,
  });
  return {
    echo,
    [Symbol.asyncDispose]: async () => {
      await running.drain?.(0);
      await running[Symbol.asyncDispose]();
      await messaging[Symbol.asyncDispose]();
    },
  };
}
