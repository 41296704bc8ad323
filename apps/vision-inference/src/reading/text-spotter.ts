import type { Completed, RunOptions } from '@trivium/serving';
import type { DetectedPage, LinePlace, RecognisedLine } from '../spotting/task.js';

/** Finds and reads lines of text; where and in what company is its affair. */
export interface TextSpotter extends AsyncDisposable {
  readonly modelId: string;
  readonly variant: string;
  readonly placement: 'cpu' | 'cuda' | 'remote';
  readonly ready: boolean;
  /** Why it cannot work, when it cannot. */
  readonly startFailure: unknown;
  /** Resident memory of its workers. */
  readonly memoryBytes: number;
  /** Milliseconds of work that wait already. */
  estimatedWaitMs(): number;
  /** Resolves when models are loaded and warm. */
  start(): Promise<void>;
  /** The page is held until it is disposed. */
  open(image: Uint8Array, path: string | undefined, options: RunOptions): SpottedPage;
}

export interface SpottedPage extends Disposable {
  detect(): Promise<Completed<DetectedPage>>;
  recognise(line: LinePlace): Promise<Completed<RecognisedLine>>;
}

export const TEXT_SPOTTER = Symbol('TextSpotter');
