import type { Completed, RunOptions } from '@trivium/serving';
import type { DetectedPage, LinePlace, RecognisedLine } from '../spotting/task.js';

/** Finds and reads lines of text; where and in what company is its affair. */
export interface TextSpotter {
  readonly modelId: string;
  readonly variant: string;
  readonly placement: 'cpu' | 'cuda' | 'remote';
  readonly ready: boolean;
  /** The page is held until it is disposed. */
  open(image: Uint8Array, path: string | undefined, options: RunOptions): SpottedPage;
}

export interface SpottedPage extends Disposable {
  detect(): Promise<Completed<DetectedPage>>;
  recognise(line: LinePlace): Promise<Completed<RecognisedLine>>;
}

export const TEXT_SPOTTER = Symbol('TextSpotter');
