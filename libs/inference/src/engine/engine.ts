import { DomainError, type ErrorCode } from '@trivium/contracts';
import type { ModelStatistics, ModelSummary, VersionSummary } from '@trivium/contracts/inference';
import type { ModelManifest, Variant, VersionFiles } from '@trivium/contracts/model-manifest';
import { quarantinedFiles } from '@trivium/onnx';
import { checkEnsemble, checkTraffic } from '@trivium/serving';
import { repositoryTroubled, requestAnswered, requestFailed, rolloutDecided } from './events.js';
import type { AnswerVersion } from './answer-version.js';
import { runEnsemble } from './run-ensemble.js';
import { ServedModel } from './served-model.js';
import type { Premises } from './served-version.js';
import type { Caller, TensorAnswer, TensorRequest } from './tensor-request.js';
import { TrialRequests } from './trial-requests.js';
import type { ModelRegistry } from '../registry/model-registry.js';
import type { ModelChange } from '../registry/registered-model.js';

interface EngineOptions {
  readonly repository: Pick<ModelRegistry, 'models' | 'onChange' | 'putModel' | 'update' | 'remove'>;
  readonly premises: Premises;
  readonly answerVersion: AnswerVersion;
}

/** All models of one service in this process, behind one door. */
export class Engine implements AsyncDisposable {
  readonly #models = new Map<string, ServedModel>();
  readonly #trials: TrialRequests;
  readonly #subscription: Disposable;
  /** Changes are taken in one after the other. */
  #taking: Promise<void> = Promise.resolve();

  constructor(private readonly options: EngineOptions) {
    this.#trials = new TrialRequests(options.answerVersion, (model, status) => {
      rolloutDecided({
        model,
        candidate: status.rule.candidate,
        decision: status.state === 'promoted' ? 'promoted' : 'rolled-back',
        reason: status.reason,
      });
      return this.#settleRollout(model, status);
    });
    for (const [id, registered] of options.repository.models()) {
      this.#models.set(id, new ServedModel(registered, options.premises));
    }
    this.#subscription = options.repository.onChange((model) => {
      this.#taking = this.#taking.then(() => this.#takeIn(model));
    });
  }

  /** Loads what is to be loaded before the first request; a model that does not load stops nothing. */
  async preload(): Promise<void> {
    const wanted = [...this.#models.values()].filter(
      ({ manifest }) => manifest.preload && manifest.platform !== 'program',
    );
    await Promise.all(
      wanted.map(async ({ manifest }) => {
        try {
          await this.load({ model: manifest.id, wait: true }, new AbortController().signal);
        } catch (error) {
          repositoryTroubled({ model: manifest.id, error });
        }
      }),
    );
  }

  async infer(request: TensorRequest, caller: Caller): Promise<TensorAnswer> {
    const startedAt = performance.now();
    let version: string | undefined;
    try {
      const model = this.#find(request.model);
      if (model.ensemble !== undefined) return await this.#inferEnsemble(model, request, caller);
      version = model.chooseVersion(request.version, caller.requestId, request.variant);
      const answer = await this.#trials.answer(model, version, request, caller);
      const { variant, explain } = answer;
      requestAnswered({
        model: request.model,
        version: answer.version,
        variant,
        durationMs: performance.now() - startedAt,
        queueMs: explain.queueMs,
        requestId: caller.requestId,
      });
      return answer;
    } catch (error) {
      const code: ErrorCode = DomainError.is(error) ? error.code : 'internal';
      const durationMs = performance.now() - startedAt;
      requestFailed({ model: request.model, version, code, durationMs, requestId: caller.requestId });
      throw error;
    }
  }

  list(model?: string): ModelSummary[] {
    if (model !== undefined) return [this.#find(model).summary()];
    return [...this.#models.values()].map((served) => served.summary());
  }

  /** Whether a worker has the version's files open, or may open them again. */
  isInUse(model: string, version: string): boolean {
    const served = this.#models.get(model)?.versions.find((one) => one.version === version);
    return served !== undefined && served.state !== 'UNAVAILABLE';
  }

  /** As it stands in the repository, which may be ahead of what this replica was told. */
  async current(model: string): Promise<ModelSummary> {
    await this.#takeIn(model);
    return this.#find(model).summary();
  }

  /** The version that a request would get; with a variant, one that has it where there is a choice. */
  versionOf(
    id: string,
    requested: string | undefined,
    variant?: Variant,
  ): { readonly manifest: ModelManifest; readonly version: string; readonly files: VersionFiles } {
    const model = this.#find(id);
    const version = model.chooseVersion(requested, '', variant);
    return { manifest: model.manifest, version, files: model.version(version).files };
  }

  statistics(model?: string, version?: string): ModelStatistics[] {
    const models = model === undefined ? [...this.#models.values()] : [this.#find(model)];
    return models.flatMap((served) => {
      const versions = version === undefined ? served.versions : [served.version(version)];
      return versions.map(({ statistics }) => statistics.snapshot());
    });
  }

  /** Loads a version, or all that the policy wants served. */
  async load(
    request: {
      readonly model: string;
      readonly version?: string | undefined;
      readonly variant?: Variant | undefined;
      readonly wait: boolean;
    },
    signal: AbortSignal,
  ): Promise<VersionSummary[]> {
    const model = this.#find(request.model);
    const names =
      request.version === undefined ? model.policyVersions : [model.chooseVersion(request.version, '')];
    if (names.length === 0) {
      throw new DomainError('model_not_available', `${request.model} has no version to load`, {
        param: 'model',
      });
    }
    const loads = names.map((name) => {
      const version = model.version(name);
      const variant = version.chooseVariant(request.variant);
      // Whoever asks for the load by name wants it tried again.
      quarantinedFiles.clear(version.digestOf(variant));
      return version.load(variant);
    });
    const all = Promise.all(loads);
    if (request.wait) await unlessLeft(all, signal);
    else all.catch(() => undefined); // its state and its reason tell
    return names.map((name) => model.version(name).summary());
  }

  /** Gives its memory back; the next request loads it again. */
  async unload(request: {
    readonly model: string;
    readonly version?: string | undefined;
  }): Promise<VersionSummary[]> {
    const model = this.#find(request.model);
    const versions =
      request.version === undefined
        ? model.versions
        : [model.version(model.chooseVersion(request.version, ''))];
    await Promise.all(versions.map((version) => version.unload('unloaded by request')));
    return versions.map((version) => version.summary());
  }

  async put(manifest: ModelManifest): Promise<ModelSummary> {
    if (manifest.platform === 'ensemble') checkEnsemble(manifest, (id) => this.#models.get(id)?.manifest);
    await this.options.repository.putModel(manifest);
    await this.#takeIn(manifest.id);
    return this.#find(manifest.id).summary();
  }

  async update({
    model,
    rollout,
    ...change
  }: {
    readonly model: string;
    readonly labels?: ModelChange['labels'];
    readonly traffic?: ModelChange['traffic'];
    readonly rollout?: NonNullable<ModelChange['rollout']>['rule'] | null | undefined;
    readonly pinned?: boolean | undefined;
  }): Promise<ModelSummary> {
    const versions = this.#find(model).versions.map(({ version }) => version);
    if (change.traffic !== undefined) checkTraffic(change.traffic, versions);
    const started =
      rollout === undefined || rollout === null
        ? rollout
        : ({ rule: rollout, state: 'running', compared: 0, reason: 'begun' } as const);
    await this.options.repository.update(model, {
      ...change,
      ...(started === undefined ? {} : { rollout: started }),
    });
    await this.#takeIn(model);
    return this.#find(model).summary();
  }

  async remove(model: string, version?: string): Promise<string[]> {
    this.#find(model);
    const removed = await this.options.repository.remove(model, version);
    await this.#takeIn(model);
    return [...removed];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#subscription[Symbol.dispose]();
    await this.#taking;
    await Promise.all([...this.#models.values()].map((model) => model[Symbol.asyncDispose]()));
  }

  async #inferEnsemble(model: ServedModel, request: TensorRequest, caller: Caller): Promise<TensorAnswer> {
    const { ensemble } = model;
    if (ensemble === undefined) throw new TypeError(`${model.manifest.id} is no ensemble`);
    return runEnsemble(ensemble, request, caller, (step) => this.infer(step, caller));
  }

  #find(id: string): ServedModel {
    const model = this.#models.get(id);
    if (model !== undefined) return model;
    throw new DomainError('model_not_found', `There is no model '${id}'`, { param: 'model' });
  }

  /** One change; a broken one is reported, and the rest goes on. */
  async #takeIn(id: string): Promise<void> {
    try {
      const registered = this.options.repository.models().get(id);
      const served = this.#models.get(id);
      if (registered === undefined) {
        this.#models.delete(id);
        await served?.[Symbol.asyncDispose]();
      } else if (served === undefined) {
        this.#models.set(id, new ServedModel(registered, this.options.premises));
      } else {
        await served.changed(registered);
        this.#loadSuccessors(served);
      }
    } catch (error) {
      repositoryTroubled({ model: id, error });
    }
  }

  /** A model in use gets its new version loaded beside the old one, which serves until then. */
  #loadSuccessors(model: ServedModel): void {
    if (!model.versions.some(({ ready }) => ready)) return;
    for (const name of model.policyVersions) {
      const version = model.version(name);
      if (version.ready) continue;
      // Its state tells of a failure, and the old version goes on.
      void version
        .lifecycle(version.chooseVariant(undefined))
        .load()
        .then(
          () => model.keepAliveChanged(),
          () => undefined,
        );
    }
  }

  async #settleRollout(model: string, status: NonNullable<ModelChange['rollout']>): Promise<void> {
    const served = this.#find(model);
    const { candidate } = status.rule;
    await this.options.repository.update(model, { rollout: status });
    await this.#takeIn(model);
    if (status.state !== 'promoted') return;
    // What kept requests on another version is over; what the policy would not choose needs a rule of its own.
    const newest = served.policyVersions.at(-1) === candidate;
    if (newest && served.traffic.length === 0) return;
    const traffic = newest ? [] : [{ version: candidate, percent: 100 }];
    await this.options.repository.update(model, { traffic });
    await this.#takeIn(model);
  }
}

async function unlessLeft<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: left, reject } = Promise.withResolvers<never>();
  const leave = (): void => reject(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  try {
    signal.throwIfAborted();
    return await Promise.race([promise, left]);
  } finally {
    signal.removeEventListener('abort', leave);
    promise.catch(() => undefined); // whoever left does not hear of it; the state tells
  }
}
