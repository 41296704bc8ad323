import { DomainError } from '@trivium/contracts';
import {
  type ModelManifest,
  type Variant,
  type VariantFile,
  variantFile,
  type VersionFiles,
} from '@trivium/contracts/model-manifest';
import { Lifecycle, type ReportLoad } from '@trivium/serving';
import { modelFailed, modelLoaded, modelUnloaded } from './events.js';
import type { Premises } from './served-version.js';

/** A version of a model that a program of the service runs, with its files where they lie. */
export interface ProgramFiles {
  readonly manifest: ModelManifest;
  readonly version: string;
  readonly variant: Variant;
  readonly files: VersionFiles;
  readonly folder: string;
  /** The variant's own file. */
  readonly modelFile: VariantFile;
}

/** What such a program is once it runs. */
export interface LoadedProgram extends AsyncDisposable {
  readonly memoryBytes: number;
}

/** Keeps a program and its place in the memory budget together. */
export interface ResidentProgram<Loaded extends LoadedProgram> extends AsyncDisposable {
  readonly program: Loaded;
}

/**
 * The lifecycle of a model that the service runs by a program of its own: one load however many ask, in the same
 * line and under the same memory budget as models of tensors, unloaded when nobody needs it.
 * @throws DomainError `model_not_available` when the version has no file of the variant
 */
export function programLifecycle<Loaded extends LoadedProgram>(
  premises: Premises,
  { manifest, version, variant, files }: Omit<ProgramFiles, 'folder' | 'modelFile'>,
  estimate: (modelBytes: number) => number,
  open: (files: ProgramFiles, report: ReportLoad) => Promise<Loaded>,
): Lifecycle<ResidentProgram<Loaded>> {
  const file = variantFile(variant, files);
  if (file === undefined) {
    throw new DomainError(
      'model_not_available',
      `Version ${version} of ${manifest.id} has no ${variant} file`,
    );
  }
  const labels = { model: manifest.id, version, variant };
  const lifecycle: Lifecycle<ResidentProgram<Loaded>> = new Lifecycle({
    name: `${manifest.id}@${variant} version ${version}`,
    bytes: file.bytes,
    pace: premises.pace,
    keepAliveMs: manifest.keep_alive_ms,
    open: async (report, signal) => {
      report('queued', 0);
      using _place = await premises.loads.enter(signal);
      const reservation = await premises.residency.reserve(lifecycle, estimate(file.bytes), signal);
      try {
        report('fetching', 0);
        const folder = await premises.repository.materialise(manifest.id, version, {
          progress: (share) => report('fetching', share / 2),
          signal,
        });
        report('starting', 0.5);
        const program = await open({ manifest, version, variant, files, folder, modelFile: file }, report);
        reservation.loaded(program.memoryBytes);
        report('ready', 1);
        return {
          program,
          [Symbol.asyncDispose]: async () => {
            try {
              await program[Symbol.asyncDispose]();
            } finally {
              reservation[Symbol.dispose]();
            }
          },
        };
      } catch (error) {
        reservation[Symbol.dispose]();
        modelFailed({ ...labels, error });
        throw error;
      }
    },
    onChange: ({ state, reason, loadMs }) => {
      if (state === 'READY' && loadMs !== undefined) {
        const memoryBytes = lifecycle.resource?.program.memoryBytes ?? 0;
        modelLoaded({ ...labels, durationMs: loadMs, memoryBytes });
      }
      if (state === 'UNAVAILABLE') modelUnloaded({ ...labels, reason });
    },
  });
  return lifecycle;
}
