import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelJob } from '@trivium/contracts/inference';
import type { ModelManifest, VersionFiles } from '@trivium/contracts/model-manifest';
import type { JobWork } from '../jobs/job-run.js';
import type { Jobs } from '../jobs/jobs.js';
import type { Catalogue } from './catalogue.js';
import { checkLicence } from './licence.js';
import type { PullProgress } from './pace.js';
import type { Puller } from './puller.js';

/** Makes a version of verified files; it exists for all replicas, or not at all, when this ends. */
export type Publish = (model: {
  readonly manifest: ModelManifest;
  readonly folder: string;
  readonly files: VersionFiles;
  readonly signal: AbortSignal;
}) => Promise<{ readonly version: string }>;

interface PullModelOptions {
  readonly catalogue: Catalogue;
  readonly puller: Pick<Puller, 'pull'>;
  readonly jobs: Jobs;
  readonly publish: Publish;
  /** Where files are gathered, a folder per model; beginnings stay here for the next pull of the same model. */
  readonly folder: string;
}

/** The rest of the job is publishing. */
const PULLED = 0.9;

/** Fetches a model of the catalogue and makes it a version of the repository, as a job. */
export class PullModel {
  constructor(private readonly options: PullModelOptions) {}

  /** Throws `model_not_found` and `permission_denied` at once; what goes wrong later is in the job. */
  async execute(request: {
    readonly model: string;
    readonly allowNonCommercial: boolean;
  }): Promise<ModelJob> {
    const manifest = this.options.catalogue.get(request.model);
    checkLicence(manifest, request.allowNonCommercial);
    return this.options.jobs.start({
      kind: 'pull',
      model: manifest.id,
      purpose: `pull ${manifest.id}`,
      body: (work) => this.#pull(manifest, work),
    });
  }

  async #pull(manifest: ModelManifest, { signal, report }: JobWork): Promise<{ version: string }> {
    const { puller, publish } = this.options;
    const folder = join(this.options.folder, manifest.id);
    const files = await puller.pull({
      manifest,
      folder,
      // Asked and answered before the job began.
      allowNonCommercial: true,
      signal,
      onProgress: (progress) => report(shareOf(progress), describe(progress)),
    });
    report(PULLED, 'publishing');
    const { version } = await publish({ manifest, folder, files, signal });
    await rm(folder, { recursive: true, force: true });
    return { version };
  }
}

function shareOf({ bytes, totalBytes }: PullProgress): number {
  return totalBytes === undefined ? 0 : (bytes / Math.max(1, totalBytes)) * PULLED;
}

function describe({ file, bytes, totalBytes, bytesPerSecond, etaMs }: PullProgress): string {
  const size =
    totalBytes === undefined ? megabytes(bytes) : `${megabytes(bytes)} of ${megabytes(totalBytes)}`;
  const speed = bytesPerSecond === 0 ? '' : `, ${megabytes(bytesPerSecond)}/s`;
  const left = etaMs === undefined ? '' : `, ${Math.ceil(etaMs / 1_000)} s left`;
  return `${file}: ${size}${speed}${left}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
