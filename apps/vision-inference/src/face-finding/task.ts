import type { Face } from '@trivium/contracts/faces';
import type { TemplateName } from './template.js';

/** Finds the faces of a picture. */
export interface FindTask {
  readonly kind: 'find';
  /** Compressed as it came. */
  readonly image: Uint8Array;
  /** Where the client wrote the picture, for errors. */
  readonly path: string | undefined;
  /** Cut out the largest face, aligned to this template; absent: none. */
  readonly chip: TemplateName | undefined;
}

/** Describes an aligned face. */
export interface DescribeTask {
  readonly kind: 'describe';
  readonly chip: Uint8Array;
}

export type FaceTask = FindTask | DescribeTask;

export interface FoundFaces {
  readonly kind: 'find';
  /** Pixels of the picture after its EXIF orientation is applied. */
  readonly width: number;
  readonly height: number;
  /** Largest first. */
  readonly faces: readonly Face[];
  /** The largest, aligned: planes of red, green and blue bytes, `side` by `side` of its template. */
  readonly chip: Uint8Array | undefined;
}

export interface Description {
  readonly kind: 'describe';
  readonly values: Float32Array;
}

export type FaceResult = FoundFaces | Description;
