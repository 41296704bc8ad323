import type { Quadrilateral } from '@trivium/contracts/content';

export type Point = readonly [x: number, y: number];
/** Corners clockwise from the reading direction's top left. */
export type Corners = readonly [Point, Point, Point, Point];

/** A page is an attachment: its compressed bytes cross to a worker once, and each decodes it once. */
export interface DetectTask {
  readonly kind: 'detect';
  readonly page: string;
  /** Where the client wrote the image, for errors. */
  readonly path: string | undefined;
}

/** A line of text on its page. */
export interface LinePlace {
  /** In the page's pixels; may reach over its edge. */
  readonly corners: Corners;
  /** Columns of the line when its height is scaled to the recogniser's. */
  readonly columns: number;
}

export interface RecogniseTask extends LinePlace {
  readonly kind: 'recognise';
  readonly page: string;
}

export type OcrTask = DetectTask | RecogniseTask;

export interface DetectedPage {
  readonly kind: 'detect';
  readonly width: number;
  readonly height: number;
  readonly lines: readonly LinePlace[];
}

export interface RecognisedLine {
  readonly kind: 'recognise';
  readonly text: string;
  /** Mean probability of the characters; 0 for no text. */
  readonly confidence: number;
  /** Where the line begins as it is read, which for a line on its head is the opposite corner. */
  readonly quadrilateral: Quadrilateral;
}

export type OcrResult = DetectedPage | RecognisedLine;
