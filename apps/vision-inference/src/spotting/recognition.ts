import { BEST_CLASS, BEST_PROBABILITY, type Session } from '@trivium/onnx';
import { decodeCtc, type Reading } from './ctc.js';
import { LINE_HEIGHT } from './crop.js';
import type { Raster } from './task.js';
import { fillPlanes, LINE_NORMALISATION, Scratch } from './tensor.js';

/** The recogniser answers once per eight columns. */
const GRAIN = 8;
const MIN_WIDTH = 16;
/** What a run costs beside its columns, in columns: a line may be padded by up to so many to share one. */
const RUN_OVERHEAD = 16;
/** Longer runs gain nothing more and leave the core's cache. */
const MAX_RUN_COLUMNS = 1024;
const MAX_RUN_LINES = 8;

/** Reads upright lines; opened with `bestClassAxis: CLASS_AXIS`. */
export class Recogniser {
  readonly #scratch = new Scratch();

  constructor(
    private readonly session: Session,
    private readonly dictionary: readonly string[],
  ) {}

  /** In the order of the lines. Lines of nearly one width share a run. */
  async read(lines: readonly Raster[]): Promise<Reading[]> {
    const readings = new Array<Reading>(lines.length);
    for (const run of groupByWidth(lines)) {
      const rasters = run.map((index) => lines[index] ?? NOTHING);
      const read = await this.#run(rasters);
      run.forEach((index, place) => (readings[index] = read[place] ?? { text: '', confidence: 0 }));
    }
    return readings;
  }

  async #run(lines: readonly Raster[]): Promise<Reading[]> {
    const width = Math.max(...lines.map((line) => paddedWidth(line.width)));
    const each = 3 * LINE_HEIGHT * width;
    const data = this.#scratch.take(lines.length * each);
    lines.forEach((line, index) => fillPlanes(data, index * each, line, width, LINE_NORMALISATION));
    const [inputName = ''] = this.session.inputNames;
    const output = await this.session.run({
      [inputName]: { data, dims: [lines.length, 3, LINE_HEIGHT, width] },
    });
    const { [BEST_CLASS]: classes, [BEST_PROBABILITY]: probabilities } = output;
    if (classes === undefined || probabilities === undefined)
      throw new TypeError('The recogniser gave no characters');
    const steps = classes.data.length / lines.length;
    return lines.map((_, index) => {
      const part = (values: Float32Array): Float32Array =>
        values.subarray(index * steps, (index + 1) * steps);
      return decodeCtc(part(classes.data), part(probabilities.data), this.dictionary);
    });
  }
}

/** Of the recogniser's output: line, step, class. */
export const CLASS_AXIS = 2;

const NOTHING: Raster = { width: 0, height: LINE_HEIGHT, data: new Uint8Array(0) };

export function paddedWidth(width: number): number {
  return Math.max(MIN_WIDTH, Math.ceil(width / GRAIN) * GRAIN);
}

/** Indices of lines, widest first, cut where padding would cost more than the run that it saves. */
export function groupByWidth(lines: readonly Pick<Raster, 'width'>[]): number[][] {
  const widths = lines.map(({ width }) => paddedWidth(width));
  const order = widths
    .map((_, index) => index)
    .sort((one, other) => (widths[other] ?? 0) - (widths[one] ?? 0));
  const runs: number[][] = [];
  for (const index of order) {
    const run = runs.at(-1);
    const widest = widths[run?.[0] ?? index] ?? 0;
    const padding = widest - (widths[index] ?? 0);
    const fits =
      run !== undefined && run.length < MAX_RUN_LINES && widest * (run.length + 1) <= MAX_RUN_COLUMNS;
    if (fits && padding <= RUN_OVERHEAD) run.push(index);
    else runs.push([index]);
  }
  return runs;
}
