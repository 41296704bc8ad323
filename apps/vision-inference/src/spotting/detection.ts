import type { Session, Values } from '@trivium/onnx';
import type { OpenCv } from './opencv.js';
import { resize } from './resample.js';
import type { Corners, Point, Raster } from './task.js';
import { DETECTION_NORMALISATION, toPlanes } from './tensor.js';
import { findTextBoxes } from './text-boxes.js';

/** The detector halves its input five times. */
const GRAIN = 32;

/** Boxes of text lines in the page's pixels. */
export async function detectText(
  cv: OpenCv,
  session: Session,
  page: Raster,
  longestSide: number,
): Promise<Corners[]> {
  const { width, height } = detectionSize(page, longestSide);
  const map = await probabilityMap(
    session,
    toPlanes(resize(page, width, height), width, DETECTION_NORMALISATION),
  );
  const scaleX = page.width / width;
  const scaleY = page.height / height;
  const place = ([x, y]: Point): Point => [
    Math.min(Math.max(x * scaleX, 0), page.width),
    Math.min(Math.max(y * scaleY, 0), page.height),
  ];
  return findTextBoxes(cv, map, width, height).map(([topLeft, topRight, bottomRight, bottomLeft]) => [
    place(topLeft),
    place(topRight),
    place(bottomRight),
    place(bottomLeft),
  ]);
}

/** Shrinks to the longest side, never enlarges, and rounds each side to the detector's grain. */
export function detectionSize(
  { width, height }: Pick<Raster, 'width' | 'height'>,
  longestSide: number,
): { width: number; height: number } {
  const scale = Math.min(1, longestSide / Math.max(width, height));
  const side = (length: number): number => Math.max(GRAIN, Math.round((length * scale) / GRAIN) * GRAIN);
  return { width: side(width), height: side(height) };
}

async function probabilityMap(session: Session, input: Values): Promise<Float32Array> {
  const [inputName = ''] = session.inputNames;
  const [outputName = ''] = session.outputNames;
  const { [outputName]: output } = await session.run({ [inputName]: input });
  if (output === undefined) throw new TypeError('The detector gave no output');
  return output.data;
}
