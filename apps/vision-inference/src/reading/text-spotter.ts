import type { Completed, RunOptions } from '@trivium/serving';
import type { DetectedPage, Raster, RecognisedLine } from '../spotting/task.js';

/** Finds and reads lines of text; where and in what company is its affair. */
export interface TextSpotter {
  readonly modelId: string;
  readonly variant: string;
  readonly placement: 'cpu' | 'cuda' | 'remote';
  readonly ready: boolean;
  detect(image: Uint8Array, path: string | undefined, options: RunOptions): Promise<Completed<DetectedPage>>;
  recognise(crop: Raster, options: RunOptions): Promise<Completed<RecognisedLine>>;
}

export const TEXT_SPOTTER = Symbol('TextSpotter');
