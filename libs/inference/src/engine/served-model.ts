import type { ModelSummary } from '@trivium/contracts/inference';
import { type ModelManifest, serviceOf, type Variant } from '@trivium/contracts/model-manifest';
import { DomainError } from '@trivium/contracts';
import { availableVersions, chooseVersion, Ensemble } from '@trivium/serving';
import { ModelRollout } from './model-rollout.js';
import { type Premises, ServedVersion } from './served-version.js';
import type { RegisteredModel } from '../registry/registered-model.js';

/** A model of the repository in this process: its versions, which of them answers, and a rollout under way. */
export class ServedModel implements AsyncDisposable {
  readonly #versions = new Map<string, ServedVersion>();
  #registered: RegisteredModel;
  #rollout: ModelRollout | undefined;
  #ensemble: Ensemble | undefined;

  constructor(
    registered: RegisteredModel,
    private readonly premises: Premises,
  ) {
    this.#registered = registered;
    this.#takeIn(registered);
  }

  get manifest(): ModelManifest {
    return this.#registered.manifest;
  }

  get rollout(): ModelRollout | undefined {
    return this.#rollout;
  }

  get traffic(): RegisteredModel['traffic'] {
    return this.#registered.traffic;
  }

  /** Of a model that is a graph of models. */
  get ensemble(): Ensemble | undefined {
    if (this.manifest.platform === 'ensemble') this.#ensemble ??= new Ensemble(this.manifest);
    return this.#ensemble;
  }

  version(version: string): ServedVersion {
    const served = this.#versions.get(version);
    if (served !== undefined) return served;
    throw new DomainError('model_not_found', `${this.manifest.id} has no version ${version}`, {
      param: 'version',
    });
  }

  get versions(): readonly ServedVersion[] {
    return [...this.#versions.values()].sort((one, other) => Number(one.version) - Number(other.version));
  }

  /**
   * Which version answers; a candidate that is not through yet only when it is asked for by number. Where a new
   * version brings a variant, whoever asks for the variant need not wait until that version has taken over.
   */
  chooseVersion(requested: string | undefined, key: string, variant?: Variant): string {
    const chosen = this.#chooseVersion(requested, key);
    if (requested !== undefined || variant === undefined || this.#registered.traffic.length > 0)
      return chosen;
    const has = (version: string): boolean => this.version(version).variants.includes(variant);
    return has(chosen) ? chosen : (this.policyVersions.findLast(has) ?? chosen);
  }

  #chooseVersion(requested: string | undefined, key: string): string {
    const { manifest, labels, traffic } = this.#registered;
    const candidate = this.#rollout?.withheld;
    const versions = this.versions
      .filter(({ version }) => requested !== undefined || version !== candidate)
      .map(({ version, ready, failed }) => ({ version, ready, failed }));
    return chooseVersion({
      model: manifest.id,
      policy: manifest.version_policy,
      versions,
      labels,
      traffic,
      key,
      ...(requested === undefined ? {} : { requested }),
    }).version;
  }

  /** Those that the policy wants served. */
  get policyVersions(): readonly string[] {
    const candidate = this.#rollout?.withheld;
    const versions = [...this.#versions.keys()].filter((version) => version !== candidate);
    return availableVersions(this.manifest.version_policy, versions);
  }

  /** The repository has changed; what is loaded goes on until its successor is. */
  async changed(registered: RegisteredModel): Promise<void> {
    const before = this.#registered;
    const gone = this.#takeIn(registered);
    await Promise.all(gone.map((version) => version[Symbol.asyncDispose]()));
    if (settingsOf(before) !== settingsOf(registered)) {
      await Promise.all(this.versions.map((version) => version.reload()));
    } else {
      this.keepAliveChanged();
    }
  }

  /** A version that another one has replaced is kept no longer than any. */
  keepAliveChanged(): void {
    for (const version of this.#versions.values()) version.keepAliveChanged();
  }

  summary(): ModelSummary {
    const { manifest, labels, traffic, pinned } = this.#registered;
    const serving = this.ensemble === undefined ? this.#servingVersion() : GRAPH.version;
    const rollout = this.#rollout?.status();
    const completed = this.versions.findLast((version) => version.completed !== undefined)?.completed;
    return {
      id: manifest.id,
      service: serviceOf(manifest),
      manifest: {
        ...manifest,
        input: completed?.input ?? manifest.input,
        output: completed?.output ?? manifest.output,
      },
      versions:
        this.ensemble === undefined ? this.versions.map((version) => this.#summaryOf(version)) : [GRAPH],
      ...(serving === undefined ? {} : { servingVersion: serving }),
      labels: { ...labels },
      traffic: [...traffic],
      ...(rollout === undefined ? {} : { rollout }),
      pinned,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#versions.values()].map((version) => version[Symbol.asyncDispose]()));
  }

  #summaryOf(version: ServedVersion): ModelSummary['versions'][number] {
    const summary = version.summary();
    const over = summary.state === 'UNAVAILABLE' && !version.failed && !this.#isWanted(version.version);
    return over ? { ...summary, reason: 'outside the version policy' } : summary;
  }

  /** What is kept for good is kept only as long as requests may get it. */
  #keepAliveMs(version: string): number {
    const { pinned, manifest } = this.#registered;
    if (this.#isWanted(version)) return pinned ? -1 : manifest.keep_alive_ms;
    return manifest.keep_alive_ms === -1 ? SUPERSEDED_MS : manifest.keep_alive_ms;
  }

  #isWanted(version: string): boolean {
    const { labels, traffic } = this.#registered;
    return (
      this.policyVersions.includes(version) ||
      this.#servingVersion() === version ||
      Object.values(labels).includes(version) ||
      traffic.some((rule) => rule.version === version) ||
      (this.#rollout?.isRunning === true && this.#rollout.candidate === version)
    );
  }

  #servingVersion(): string | undefined {
    try {
      return this.chooseVersion(undefined, '');
    } catch {
      return undefined; // none can serve, which is what the summary says
    }
  }

  /** Answers the versions that are gone; whoever calls ends them. */
  #takeIn(registered: RegisteredModel): ServedVersion[] {
    this.#registered = registered;
    this.#ensemble = undefined;
    const gone = [...this.#versions.values()].filter(
      ({ version, files }) => JSON.stringify(registered.versions[version]?.files) !== JSON.stringify(files),
    );
    for (const { version } of gone) this.#versions.delete(version);
    for (const [version, { files, createdAt }] of Object.entries(registered.versions)) {
      if (this.#versions.has(version)) continue;
      const manifest = (): ModelManifest => this.#registered.manifest;
      const keepAliveMs = (): number => this.#keepAliveMs(version);
      const served = new ServedVersion(version, files, createdAt, manifest, keepAliveMs, this.premises);
      this.#versions.set(version, served);
    }
    this.#rollout = ModelRollout.following(this.#rollout, registered.rollout);
    return gone;
  }
}

/** How long a version that was kept for good outlives its successor's arrival, without requests. */
const SUPERSEDED_MS = 60_000;

/** A graph of models has nothing of its own to load. */
const GRAPH: ModelSummary['versions'][number] = {
  version: '1',
  state: 'READY',
  reason: '',
  variants: [],
  memoryBytes: 0,
  estimatedBytes: 0,
  createdAt: 0,
};

/** Fields that say nothing to a loaded model; a change of any other one loads it anew. */
const REMARKS: ReadonlySet<string> = new Set([
  'description',
  'licence',
  'commercial_use',
  'languages',
  'homepage',
  'precision',
  'response_cache',
  'version_policy',
  'variant_policy',
  'keep_alive_ms',
  'preload',
]);

/** What a loaded model depends on; two manifests that differ in remarks only have the same. */
export function settingsOf({ manifest }: Pick<RegisteredModel, 'manifest'>): string {
  return JSON.stringify(manifest, (key, value: unknown) => (REMARKS.has(key) ? undefined : value));
}
