import type { Session } from '@trivium/onnx';
import { drawLine } from './line.js';
import { Scratch } from './planes.js';
import type { LineOnPage } from './recognition.js';

/** What the angle classifier reads: a line's beginning says enough. */
const WIDTH = 192;
const HEIGHT = 48;
/** PaddleOCR's figure for believing that a line stands on its head. */
const TURN_THRESHOLD = 0.9;

export class OrientationClassifier {
  readonly #scratch = new Scratch();

  constructor(private readonly session: Session) {}

  async isUpsideDown({ page, corners, columns }: LineOnPage): Promise<boolean> {
    const data = this.#scratch.take(3 * WIDTH * HEIGHT);
    const width = Math.min(WIDTH, columns);
    drawLine(page, corners, { data, offset: 0, width, height: HEIGHT, stride: WIDTH });
    const [inputName = ''] = this.session.inputNames;
    const [outputName = ''] = this.session.outputNames;
    const { [outputName]: output } = await this.session.run({
      [inputName]: { data, dims: [1, 3, HEIGHT, WIDTH] },
    });
    return (output?.data[1] ?? 0) > TURN_THRESHOLD;
  }
}
