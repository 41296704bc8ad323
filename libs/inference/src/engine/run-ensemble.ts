import type { Ensemble } from '@trivium/serving';
import type { Caller, TensorAnswer, TensorRequest } from './tensor-request.js';

/** A request to a graph of models; each step is a request of its own to the model that it names. */
export async function runEnsemble(
  ensemble: Ensemble,
  request: TensorRequest,
  caller: Caller,
  infer: (step: TensorRequest) => Promise<TensorAnswer>,
): Promise<TensorAnswer> {
  const startedAt = performance.now();
  const { outputs, steps } = await ensemble.run(
    request.inputs,
    async (step, inputs, { outputs: wanted }) => {
      const { model_name: model, model_version: version, variant } = step;
      const answer = await infer({
        model,
        inputs,
        outputs: wanted,
        cache: request.cache,
        ...(version === -1 ? {} : { version }),
        ...(variant === undefined ? {} : { variant }),
        ...(request.queueTimeoutMs === undefined ? {} : { queueTimeoutMs: request.queueTimeoutMs }),
      });
      const { queueMs, computeMs } = answer.explain;
      return { outputs: answer.outputs, queueMs, computeMs };
    },
    {
      signal: caller.signal,
      ...(request.outputs === undefined ? {} : { outputs: request.outputs }),
    },
  );
  const totalMs = performance.now() - startedAt;
  const computeMs = steps.reduce((sum, step) => sum + step.computeMs, 0);
  return {
    model: request.model,
    version: '1',
    variant: 'ensemble',
    outputs,
    cache: 'bypass',
    explain: {
      variant: 'ensemble',
      placement: 'ensemble',
      instance: 'ensemble',
      releaseReason: 'ensemble',
      queueMs: Math.max(0, totalMs - computeMs),
      computeMs,
      batchSize: 1,
      batchCost: 0,
      batchMates: 1,
      loadMs: 0,
      steps: [...steps],
    },
  };
}
