import type { Session } from '@trivium/onnx';
import { resize } from './resample.js';
import type { Raster } from './task.js';
import { LINE_NORMALISATION, toPlanes } from './tensor.js';

/** What the angle classifier reads: a line's beginning says enough. */
const WIDTH = 192;
const HEIGHT = 48;
/** PaddleOCR's figure for believing that a line stands on its head. */
const TURN_THRESHOLD = 0.9;

/** Whether a line is upside down. */
export async function isUpsideDown(session: Session, line: Raster): Promise<boolean> {
  const [inputName = ''] = session.inputNames;
  const [outputName = ''] = session.outputNames;
  const width = Math.min(WIDTH, Math.ceil((line.width * HEIGHT) / line.height));
  const input = toPlanes(resize(line, width, HEIGHT), WIDTH, LINE_NORMALISATION);
  const { [outputName]: output } = await session.run({ [inputName]: input });
  return (output?.data[1] ?? 0) > TURN_THRESHOLD;
}

/** The same line turned by half a circle. */
export function turned({ width, height, data }: Raster): Raster {
  const pixels = new Uint8Array(data.length);
  for (let from = 0, to = data.length - 3; from < data.length; from += 3, to -= 3) {
    pixels[to] = data[from] ?? 0;
    pixels[to + 1] = data[from + 1] ?? 0;
    pixels[to + 2] = data[from + 2] ?? 0;
  }
  return { width, height, data: pixels };
}
