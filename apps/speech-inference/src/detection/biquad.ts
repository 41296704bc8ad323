const BUTTERWORTH_Q = Math.SQRT1_2;

/** Second-order filter after the audio cookbook's formulas (bilinear transform), direct form I. */
export class Biquad {
  readonly #side: number;
  readonly #middle: number;
  readonly #a1: number;
  readonly #a2: number;
  /** The last two inputs and the last two outputs. */
  readonly #state = new Float64Array(4);

  constructor(kind: 'low-pass' | 'high-pass', hertz: number, rate: number) {
    const omega = (2 * Math.PI * hertz) / rate;
    const cosine = Math.cos(omega);
    const alpha = Math.sin(omega) / (2 * BUTTERWORTH_Q);
    const a0 = 1 + alpha;
    this.#a1 = (-2 * cosine) / a0;
    this.#a2 = (1 - alpha) / a0;
    this.#side = (kind === 'low-pass' ? 1 - cosine : 1 + cosine) / 2 / a0;
    this.#middle = kind === 'low-pass' ? 2 * this.#side : -2 * this.#side;
  }

  /** Filters the next piece of the signal into `output`, which may be `input` itself. */
  run(input: Float32Array, output: Float32Array): void {
    const side = this.#side;
    const middle = this.#middle;
    const a1 = this.#a1;
    const a2 = this.#a2;
    let [x1 = 0, x2 = 0, y1 = 0, y2 = 0] = this.#state;
    for (let index = 0; index < input.length; index += 1) {
      const x = input[index] ?? 0;
      const y = side * x + middle * x1 + side * x2 - a1 * y1 - a2 * y2;
      x2 = x1;
      x1 = x;
      y2 = y1;
      y1 = y;
      output[index] = y;
    }
    this.#state.set([x1, x2, y1, y2]);
  }
}
