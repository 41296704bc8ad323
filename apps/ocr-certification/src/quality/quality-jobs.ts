import { WorkerPool } from '@trivium/media/isolation';
import type { PictureFigures } from './measure-picture.js';

export interface QualityJob {
  /** PNG, JPEG or WebP. */
  readonly bytes: Uint8Array;
  /** Where the client wrote the picture, for errors. */
  readonly path: string | undefined;
}

// @NOTE relative to `src` and to `dist` alike, so that specs running from source find the compiled thread.
const MODULE = new URL('../../dist/quality/quality.worker.js', import.meta.url);

export const qualityThreads = (count: number): WorkerPool<QualityJob, PictureFigures> =>
  new WorkerPool(MODULE, count);
