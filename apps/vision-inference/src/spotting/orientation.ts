import type { Session } from '@trivium/onnx';
import { resize } from './resample.js';
import type { Raster } from './task.js';
import { fillPlanes, LINE_NORMALISATION, Scratch } from './tensor.js';

/** What the angle classifier reads: a line's beginning says enough. */
const WIDTH = 192;
const HEIGHT = 48;
/** PaddleOCR's figure for believing that a line stands on its head. */
const TURN_THRESHOLD = 0.9;

export class OrientationClassifier {
  readonly #scratch = new Scratch();

  constructor(private readonly session: Session) {}

  async isUpsideDown(line: Raster): Promise<boolean> {
    const width = Math.min(WIDTH, Math.ceil((line.width * HEIGHT) / line.height));
    const data = this.#scratch.take(3 * WIDTH * HEIGHT);
    fillPlanes(data, 0, resize(line, width, HEIGHT), WIDTH, LINE_NORMALISATION);
    const [inputName = ''] = this.session.inputNames;
    const [outputName = ''] = this.session.outputNames;
    const { [outputName]: output } = await this.session.run({
      [inputName]: { data, dims: [1, 3, HEIGHT, WIDTH] },
    });
    return (output?.data[1] ?? 0) > TURN_THRESHOLD;
  }
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
