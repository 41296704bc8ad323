import { join } from 'node:path';
import { DomainError } from '@trivium/contracts';
import {
  type ModelManifest,
  type Variant,
  variantFile,
  type VersionFiles,
} from '@trivium/contracts/model-manifest';
import type { Engine } from '../engine/engine.js';
import type { ModelRegistry } from '../registry/model-registry.js';

/** A variant's file on this machine. */
export interface LocalModelFile {
  readonly manifest: ModelManifest;
  readonly version: string;
  readonly files: VersionFiles;
  readonly folder: string;
  readonly path: string;
}

/** Finds the version as a request would, and brings its files here. */
export class ModelFiles {
  constructor(
    private readonly engine: Engine,
    private readonly registry: ModelRegistry,
  ) {}

  /** Throws `model_not_found`, and `model_not_available` for a variant without a file. */
  async find(
    request: { readonly model: string; readonly version?: string | undefined; readonly variant: Variant },
    signal: AbortSignal,
  ): Promise<LocalModelFile> {
    const { manifest, version, files } = this.engine.versionOf(request.model, request.version);
    const file = variantFile(request.variant, files);
    if (file === undefined) {
      throw new DomainError(
        'model_not_available',
        `Version ${version} of ${request.model} has no ${request.variant} file`,
        { param: 'variant' },
      );
    }
    const folder = await this.registry.materialise(request.model, version, { signal });
    return { manifest, version, files, folder, path: join(folder, file.name) };
  }
}
