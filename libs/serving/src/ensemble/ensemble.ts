import { Gate } from '../admission/gate.js';
import { DomainError } from '@trivium/contracts';
import type { ModelManifest } from '@trivium/contracts/model-manifest';
import type { Tensor } from '@trivium/contracts/tensor';
import { type Clock, systemClock } from '../clock/clock.js';
import { type EnsembleStep, type PlannedStep, planSteps } from './ensemble-plan.js';

/** What a step's model answered. */
export interface StepResult {
  readonly outputs: readonly Tensor[];
  readonly queueMs: number;
  readonly computeMs: number;
}

/** Runs the model of a step on its inputs, which bear the model's own names. */
export type RunStep = (
  step: EnsembleStep,
  inputs: readonly Tensor[],
  options: { readonly outputs: readonly string[]; readonly signal: AbortSignal },
) => Promise<StepResult>;

export interface StepTiming {
  readonly model: string;
  /** In line before the step and in the queue of its model. */
  readonly queueMs: number;
  readonly computeMs: number;
}

export interface EnsembleRun {
  readonly outputs: readonly Tensor[];
  /** In the order of the manifest; steps that no requested output needed are left out. */
  readonly steps: readonly StepTiming[];
}

export interface EnsembleRunOptions {
  readonly signal?: AbortSignal | undefined;
  /** Names of outputs; absent: all. Steps that serve none of them do not run. */
  readonly outputs?: readonly string[] | undefined;
}

/**
 * A model that is a graph of models. A step runs as soon as its inputs exist, beside the other steps that
 * can; requests in one step are limited across all runs. One instance per model and version: the
 * limits live in it.
 */
export class Ensemble {
  readonly #plan: readonly PlannedStep[];
  readonly #gates: readonly Gate[];
  readonly #clock: Clock;

  /** Throws as `checkEnsemble` does for a graph that has no order. */
  constructor(
    private readonly manifest: ModelManifest,
    options: { readonly clock?: Clock | undefined } = {},
  ) {
    this.#clock = options.clock ?? systemClock;
    this.#plan = planSteps(manifest);
    const { max_queue_size: line } = manifest.dynamic_batching.default_queue_policy;
    this.#gates = this.#plan.map(
      ({ step, index }) => new Gate(`step ${index} (${step.model_name})`, step.max_inflight_requests, line),
    );
  }

  /**
   * Throws what the step at fault threw, with the step's name in front and `details.step`; the steps
   * beside it are aborted and over by then.
   */
  async run(
    inputs: readonly Tensor[],
    runStep: RunStep,
    { signal, outputs = this.manifest.output.map(({ name }) => name) }: EnsembleRunOptions = {},
  ): Promise<EnsembleRun> {
    const values = new Map(inputs.map((tensor) => [tensor.name, tensor]));
    this.#checkNames(values, outputs);
    const stop = new AbortController();
    const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
    const needed = this.#needed(outputs);
    const runs = new Map<number, Promise<StepTiming>>();
    for (const planned of this.#ordered()) {
      if (!needed.has(planned.index)) continue;
      const before = planned.after.map((index) => runs.get(index));
      const run = this.#runStep(planned, before, values, runStep, either);
      run.catch((error: unknown) => stop.abort(error));
      runs.set(planned.index, run);
    }
    // All are over before the answer, also the bad one: nothing runs on behind the caller's back.
    await Promise.allSettled(runs.values());
    signal?.throwIfAborted();
    if (stop.signal.aborted) throw stop.signal.reason;
    const steps = await Promise.all(
      [...runs].sort(([one], [other]) => one - other).map(([, timing]) => timing),
    );
    return { outputs: outputs.map((name) => this.#valueOf(values, name)), steps };
  }

  async #runStep(
    { step, index }: PlannedStep,
    before: readonly (Promise<StepTiming> | undefined)[],
    values: Map<string, Tensor>,
    runStep: RunStep,
    signal: AbortSignal,
  ): Promise<StepTiming> {
    await Promise.all(before);
    const from = this.#clock.now();
    try {
      using _place = await this.#gates[index]?.enter(signal);
      const lineMs = this.#clock.now() - from;
      const inputs = Object.entries(step.input_map).map(([name, value]) => ({
        ...this.#valueOf(values, value),
        name,
      }));
      const result = await runStep(step, inputs, { outputs: Object.keys(step.output_map), signal });
      signal.throwIfAborted();
      for (const [output, value] of Object.entries(step.output_map)) {
        const tensor = result.outputs.find(({ name }) => name === output);
        if (tensor === undefined) {
          throw new DomainError('internal', `${step.model_name} did not answer with '${output}'`);
        }
        values.set(value, { ...tensor, name: value });
      }
      return { model: step.model_name, queueMs: lineMs + result.queueMs, computeMs: result.computeMs };
    } catch (error) {
      throw signal.aborted ? signal.reason : stepError(error, step, index);
    }
  }

  #checkNames(values: ReadonlyMap<string, Tensor>, outputs: readonly string[]): void {
    const { input, output } = this.manifest;
    const missing = input.find(({ name }) => !values.has(name));
    if (missing !== undefined) {
      throw new DomainError('invalid_request', `The input '${missing.name}' is missing`, { param: 'inputs' });
    }
    const unknown = [...values.keys()].findIndex((name) => !input.some((one) => one.name === name));
    if (unknown >= 0) {
      throw new DomainError('invalid_request', `${this.manifest.id} has no such input`, {
        param: `inputs[${unknown}].name`,
      });
    }
    const other = outputs.findIndex((name) => !output.some((one) => one.name === name));
    if (other < 0) return;
    throw new DomainError('invalid_request', `${this.manifest.id} has no such output`, {
      param: `outputs[${other}]`,
    });
  }

  /** Steps that the outputs depend on. */
  #needed(outputs: readonly string[]): ReadonlySet<number> {
    const needed = new Set<number>();
    const add = (index: number): void => {
      if (needed.has(index)) return;
      needed.add(index);
      this.#plan[index]?.after.forEach(add);
    };
    for (const { index, step } of this.#plan) {
      if (Object.values(step.output_map).some((value) => outputs.includes(value))) add(index);
    }
    return needed;
  }

  /** Every step behind those whose values it needs. */
  #ordered(): readonly PlannedStep[] {
    const ordered: PlannedStep[] = [];
    const add = (planned: PlannedStep | undefined): void => {
      if (planned === undefined || ordered.includes(planned)) return;
      for (const index of planned.after) add(this.#plan[index]);
      ordered.push(planned);
    };
    this.#plan.forEach(add);
    return ordered;
  }

  #valueOf(values: ReadonlyMap<string, Tensor>, name: string): Tensor {
    const value = values.get(name);
    if (value === undefined) throw new DomainError('internal', `${this.manifest.id} has no value '${name}'`);
    return value;
  }
}

function stepError(error: unknown, { model_name: model }: EnsembleStep, index: number): DomainError {
  const known = DomainError.is(error) ? error : undefined;
  const { code = 'internal', message = 'an unexpected fault' } = known ?? {};
  return new DomainError(code, `Step ${index} (${model}): ${message}`, {
    param: known?.param,
    retryable: known?.retryable,
    retryAfterMs: known?.retryAfterMs,
    details: { ...known?.details, step: index, model },
    cause: error,
  });
}
