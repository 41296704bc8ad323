import type { Completed, RunOptions } from '@trivium/serving';
import type { FoundFaces } from '../face-finding/task.js';
import type { TemplateName } from '../face-finding/template.js';

export interface PictureOfFaces {
  /** Compressed as it came. */
  readonly image: Uint8Array;
  /** Where the client wrote it, for errors. */
  readonly path: string | undefined;
  /** Cut out the largest face, aligned to this template; absent: none. */
  readonly chip: TemplateName | undefined;
}

/** Finds faces and describes them in numbers; where and in what company is its affair. */
export interface FaceFinder extends AsyncDisposable {
  readonly modelId: string;
  readonly variant: string;
  readonly placement: 'cpu' | 'cuda' | 'remote';
  readonly ready: boolean;
  /** Why it cannot work, when it cannot. */
  readonly startFailure: unknown;
  /** Resident memory of its workers. */
  readonly memoryBytes: number;
  /** Of the file that describes faces; empty where there is none. */
  readonly descriptorSha256: string;
  /** Milliseconds of work that wait already. */
  estimatedWaitMs(): number;
  /** Resolves when models are loaded and warm. */
  start(): Promise<void>;
  find(picture: PictureOfFaces, options: RunOptions): Promise<Completed<FoundFaces>>;
  /** The descriptor, 128 long, of a face that is aligned to the template `dlib`. */
  describe(chip: Uint8Array, options: RunOptions): Promise<Completed<Float32Array>>;
}

export const FACE_FINDER = Symbol('FaceFinder');
