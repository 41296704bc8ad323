import type { Quadrilateral } from '@trivium/contracts/content';

export type Point = readonly [x: number, y: number];
/** Corners clockwise from the reading direction's top left. */
export type Corners = readonly [Point, Point, Point, Point];

/** RGB pixels, row by row, 8 bits each. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** One line of text cut out of its page, upright, scaled to the height that the recogniser reads. */
export interface Crop extends Raster {
  readonly quadrilateral: Quadrilateral;
}

export interface DetectTask {
  readonly kind: 'detect';
  /** Compressed as it came. */
  readonly image: Uint8Array;
  /** Where the client wrote the image, for errors. */
  readonly path: string | undefined;
}

export interface RecogniseTask {
  readonly kind: 'recognise';
  readonly crop: Raster;
}

export type OcrTask = DetectTask | RecogniseTask;

export interface DetectedPage {
  readonly kind: 'detect';
  readonly width: number;
  readonly height: number;
  readonly crops: readonly Crop[];
}

export interface RecognisedLine {
  readonly kind: 'recognise';
  readonly text: string;
  /** Mean probability of the characters; 0 for no text. */
  readonly confidence: number;
  /** The line was read upside down: its corners start at the opposite one. */
  readonly turned: boolean;
}

export type OcrResult = DetectedPage | RecognisedLine;
