import { Controller, Module, type Type } from '@nestjs/common';
import { DomainError, type ParsedRequestOf, type ReplyOf } from '@trivium/contracts';
import { inferenceContracts, type ModelSummary } from '@trivium/contracts/inference';
import { ModelManifest } from '@trivium/contracts/model-manifest';
import { AnswersCall, type Blobs } from '@trivium/messaging';

const contracts = inferenceContracts['text-inference'];
type C = typeof contracts;

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
  failure: DomainError | undefined;
  state: 'READY' | 'UNAVAILABLE' = 'READY';
  /** Set, requests wait for it. */
  gate: Promise<void> | undefined;
  readonly cancelled = Promise.withResolvers<void>();

  constructor(private readonly blobs: () => Blobs) {}

  get summary(): ModelSummary {
    const version = {
      state: this.state,
      reason: '',
      variants: [{ variant: 'fp32' as const, bytes: 10 }],
      memoryBytes: 1,
      estimatedBytes: 1,
      createdAt: 1,
    };
    return {
      id: 'echo',
      service: 'text-inference',
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
    const moment = { count: 1, ns: 1_000 };
    const compute = { computeInput: moment, computeInfer: moment, computeOutput: moment };

    @Controller()
    class Echo {
      @AnswersCall(contracts.listRepository)
      async list({ model }: ParsedRequestOf<C['listRepository']>): Promise<ReplyOf<C['listRepository']>> {
        if (model !== undefined && model !== 'echo')
          throw new DomainError('model_not_found', `No '${model}'.`);
        return { models: [echo.summary] };
      }

      @AnswersCall(contracts.inferTensors)
      async infer(
        request: ParsedRequestOf<C['inferTensors']>,
        { signal }: { signal: AbortSignal },
      ): Promise<ReplyOf<C['inferTensors']>> {
        echo.asked.push(request);
        signal.addEventListener('abort', () => echo.cancelled.resolve());
        await echo.gate;
        if (echo.failure !== undefined) throw echo.failure;
        const outputs = await Promise.all(
          request.inputs.map(async ({ data, ...head }) => ({
            ...head,
            data: await echo.blobs().put(await echo.blobs().get(data), 'application/octet-stream'),
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
      async unload(): Promise<ReplyOf<C['unloadModel']>> {
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
