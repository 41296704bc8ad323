import { DomainError, type ErrorCode } from '@trivium/contracts';
import type { RolloutStatus } from '@trivium/contracts/inference';
import { agreementOf } from '@trivium/serving';
import type { z } from 'zod';
import type { AnswerVersion } from './answer-version.js';
import { repositoryTroubled } from './events.js';
import type { ModelRollout } from './model-rollout.js';
import type { ServedModel } from './served-model.js';
import type { Caller, TensorAnswer, TensorRequest } from './tensor-request.js';

type Status = z.output<typeof RolloutStatus>;

/** Failures that are the version's where another version answers the same request. */
const VERSION_FAULTS: ReadonlySet<ErrorCode> = new Set([
  'internal',
  'invalid_request',
  'model_not_available',
  'model_loading',
  'upstream_error',
]);
/** A copy may take as long as a patient caller would wait. */
const SHADOW_DEADLINE_MS = 30_000;

/** Requests to models of which a candidate version may be under trial. */
export class TrialRequests {
  constructor(
    private readonly answerVersion: AnswerVersion,
    private readonly decided: (model: string, status: Status) => Promise<void>,
    private readonly random: () => number = Math.random,
  ) {}

  async answer(
    model: ServedModel,
    version: string,
    request: TensorRequest,
    caller: Caller,
  ): Promise<TensorAnswer> {
    const { rollout } = model;
    const free = request.version === undefined && rollout !== undefined && rollout.candidate !== version;
    if (!free) return this.answerVersion.execute(model, model.version(version), request, caller);
    if (rollout.draws('canary', this.random())) return this.#canary(model, rollout, version, request, caller);
    const startedAt = performance.now();
    const answer = await this.answerVersion.execute(model, model.version(version), request, caller);
    const servingMs = performance.now() - startedAt - answer.explain.loadMs;
    if (rollout.draws('shadow', this.random())) {
      void this.#shadow(model, rollout, { request, answer, caller });
    } else if (answer.cache !== 'hit') {
      this.#observeServing(model, rollout, servingMs);
    }
    return answer;
  }

  /** The candidate answers; when it cannot, the serving version does, and nobody notices. */
  async #canary(
    model: ServedModel,
    rollout: ModelRollout,
    version: string,
    request: TensorRequest,
    caller: Caller,
  ): Promise<TensorAnswer> {
    const startedAt = performance.now();
    try {
      const candidate = model.version(rollout.candidate);
      const answer = await this.answerVersion.execute(model, candidate, request, caller);
      const candidateMs = performance.now() - startedAt - answer.explain.loadMs;
      this.#record(model, rollout, answer.cache === 'hit' ? {} : { candidateMs });
      return answer;
    } catch (error) {
      if (!isVersionFault(error)) throw error;
      const answer = await this.answerVersion.execute(model, model.version(version), request, caller);
      this.#record(model, rollout, { candidateFailed: true });
      return answer;
    }
  }

  /** The same request again, for nobody: compared, counted, and otherwise without consequence. */
  async #shadow(
    model: ServedModel,
    rollout: ModelRollout,
    { request, answer, caller }: { request: TensorRequest; answer: TensorAnswer; caller: Caller },
  ): Promise<void> {
    using place = rollout.shadow();
    if (place === undefined) return;
    const signal = AbortSignal.timeout(SHADOW_DEADLINE_MS);
    const nobody: Caller = {
      tenant: caller.tenant,
      requestId: caller.requestId,
      priority: 'batch',
      signal,
      remaining: () => SHADOW_DEADLINE_MS,
    };
    try {
      const candidate = model.version(rollout.candidate);
      const copy = await this.answerVersion.execute(
        model,
        candidate,
        { ...request, cache: 'bypass' },
        nobody,
      );
      this.#record(model, rollout, {
        agreement: agreementOf(rollout.metric, answer.outputs, copy.outputs),
        // Runs alone are compared: a copy waits behind everybody.
        candidateMs: copy.explain.computeMs,
        ...(answer.cache === 'hit' ? {} : { servingMs: answer.explain.computeMs }),
      });
    } catch (error) {
      if (isVersionFault(error)) this.#record(model, rollout, { candidateFailed: true });
    }
  }

  #observeServing(model: ServedModel, rollout: ModelRollout, servingMs: number): void {
    if (rollout.status().rule.mode === 'canary') this.#record(model, rollout, { servingMs });
  }

  #record(model: ServedModel, rollout: ModelRollout, sample: Parameters<ModelRollout['record']>[0]): void {
    const status = rollout.record(sample);
    if (status === undefined) return;
    const { id } = model.manifest;
    void this.decided(id, status).catch((error: unknown) => repositoryTroubled({ model: id, error }));
  }
}

function isVersionFault(error: unknown): boolean {
  return !DomainError.is(error) || VERSION_FAULTS.has(error.code);
}
