import { BEST_CLASS, BEST_PROBABILITY, type Session } from '@trivium/onnx';
import { decodeCtc, type Reading } from './ctc.js';
import { drawLine, LINE_HEIGHT } from './line.js';
import { Scratch } from './planes.js';
import type { Pyramid } from './pyramid.js';
import type { LinePlace } from './task.js';

/** Of the recogniser's output: line, step, class. */
export const CLASS_AXIS = 2;
/** The recogniser answers once per eight columns. */
const GRAIN = 8;
const MIN_COLUMNS = 16;
/** What a run costs beside its columns, in columns: a line may be padded by up to so many to share one. */
const RUN_OVERHEAD = 16;
/** Longer runs gain nothing more and leave the core's cache. */
const MAX_RUN_COLUMNS = 1024;
const MAX_RUN_LINES = 8;

export interface LineOnPage extends LinePlace {
  readonly page: Pyramid;
}

/** Reads lines; its session is opened with `bestClassAxis: CLASS_AXIS`. */
export class Recogniser {
  readonly #scratch = new Scratch();

  constructor(
    private readonly session: Session,
    private readonly dictionary: readonly string[],
  ) {}

  /** In the order of the lines. Lines of nearly one length share a run. */
  async read(lines: readonly LineOnPage[]): Promise<Reading[]> {
    const readings = new Map<LineOnPage, Reading>();
    for (const run of groupByLength(lines)) {
      for (const [index, reading] of (await this.#run(run)).entries()) {
        const line = run[index];
        if (line !== undefined) readings.set(line, reading);
      }
    }
    return lines.map((line) => readings.get(line) ?? { text: '', confidence: 0 });
  }

  async #run(lines: readonly LineOnPage[]): Promise<Reading[]> {
    const stride = Math.max(...lines.map(({ columns }) => paddedColumns(columns)));
    const each = 3 * LINE_HEIGHT * stride;
    const data = this.#scratch.take(lines.length * each);
    lines.forEach(({ page, corners, columns }, index) => {
      drawLine(page, corners, { data, offset: index * each, width: columns, height: LINE_HEIGHT, stride });
    });
    const [inputName = ''] = this.session.inputNames;
    const { [BEST_CLASS]: classes, [BEST_PROBABILITY]: probabilities } = await this.session.run({
      [inputName]: { data, dims: [lines.length, 3, LINE_HEIGHT, stride] },
    });
    if (classes === undefined || probabilities === undefined) {
      throw new TypeError('The recogniser gave no characters');
    }
    const steps = classes.data.length / lines.length;
    return lines.map((_, index) => {
      const own = ({ data: values }: { data: Float32Array }): Float32Array =>
        values.subarray(index * steps, (index + 1) * steps);
      return decodeCtc(own(classes), own(probabilities), this.dictionary);
    });
  }
}

export function paddedColumns(columns: number): number {
  return Math.max(MIN_COLUMNS, Math.ceil(columns / GRAIN) * GRAIN);
}

/** Longest first, cut where padding would cost more than the run that it saves. */
export function groupByLength<Line extends Pick<LinePlace, 'columns'>>(lines: readonly Line[]): Line[][] {
  const runs: Line[][] = [];
  for (const line of lines.toSorted((one, other) => other.columns - one.columns)) {
    const run = runs.at(-1);
    const longest = paddedColumns(run?.[0]?.columns ?? 0);
    const fits =
      run !== undefined && run.length < MAX_RUN_LINES && longest * (run.length + 1) <= MAX_RUN_COLUMNS;
    if (fits && longest - paddedColumns(line.columns) <= RUN_OVERHEAD) run.push(line);
    else runs.push([line]);
  }
  return runs;
}
