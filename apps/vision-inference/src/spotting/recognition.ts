import type { Session } from '@trivium/onnx';
import { decodeCtc, type Reading } from './ctc.js';
import type { Raster } from './task.js';
import { LINE_NORMALISATION, toPlanes } from './tensor.js';

/** The recogniser answers once per eight columns. */
const GRAIN = 8;
const MIN_WIDTH = 16;

/** Reads one upright line. */
export async function recogniseLine(
  session: Session,
  line: Raster,
  dictionary: readonly string[],
): Promise<Reading> {
  const [inputName = ''] = session.inputNames;
  const [outputName = ''] = session.outputNames;
  const { [outputName]: output } = await session.run({
    [inputName]: toPlanes(line, paddedWidth(line.width), LINE_NORMALISATION),
  });
  const [, steps, classes] = output?.dims ?? [];
  if (output === undefined || steps === undefined || classes === undefined) {
    throw new TypeError('The recogniser gave no characters');
  }
  if (classes !== dictionary.length + 1) {
    throw new RangeError(
      `The recogniser knows ${classes - 1} characters, the dictionary ${dictionary.length}`,
    );
  }
  return decodeCtc(output.data, steps, classes, dictionary);
}

export function paddedWidth(width: number): number {
  return Math.max(MIN_WIDTH, Math.ceil(width / GRAIN) * GRAIN);
}
