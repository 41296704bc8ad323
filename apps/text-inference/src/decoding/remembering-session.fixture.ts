import type { DecoderRun, DecoderSession, DecoderShape } from '@trivium/onnx';

const VOCABULARY = 97;

/**
 * A session whose logits tell exactly which tokens its row's cache holds, in their order: whatever is lost, mixed
 * up or left over in a cache changes them.
 */
export class RememberingSession implements DecoderSession {
  readonly shape: DecoderShape;
  /** Answered by every run, so that what is kept of it is lost with the next. */
  readonly #logits = new Float32Array(64 * VOCABULARY);
  /** Rows of each run. */
  readonly runs: number[] = [];

  constructor(inPlace: boolean) {
    this.shape = { layers: 2, kvHeads: 2, headSize: 3, vocabulary: VOCABULARY, inPlace };
  }

  async run(run: DecoderRun): Promise<Float32Array> {
    const { rows, columns, mask, width, past, pastLength, positions, present } = run;
    this.runs.push(rows);
    const { inPlace, kvHeads, headSize } = this.shape;
    const length = inPlace ? pastLength : pastLength + columns;
    if (inPlace !== (past === present)) throw new Error('in place past and present are the same');
    for (const [index, data] of present.entries()) {
      if (data.length !== rows * kvHeads * length * headSize) throw new Error('present has another size');
      if (!inPlace) this.#widen(past[index] ?? new Float32Array(), data, run);
    }
    this.#logits.fill(0);
    for (let row = 0; row < rows; row += 1) {
      const seen = [...mask.subarray(row * width, (row + 1) * width).keys()].filter(
        (at) => mask[row * width + at] === 1n,
      );
      for (let column = 0; column < columns; column += 1) {
        const count = seen.length - columns + column + 1;
        if (Number(positions[row * columns + column]) !== count - 1)
          throw new Error('positions and mask differ');
        const token = Number(run.tokens[row * columns + column]);
        this.#each((index, head, value) => {
          const at = ((row * kvHeads + head) * length + (seen[count - 1] ?? 0)) * headSize + value;
          (present[index] ?? new Float32Array())[at] = codeOf(token, index, head, value);
        });
      }
      this.#logits[row * VOCABULARY + digestOf(seen.map((at) => this.#tokenAt(present, row, at, length)))] =
        1;
    }
    return this.#logits.subarray(0, rows * VOCABULARY);
  }

  #widen(from: Float32Array, to: Float32Array, { rows, columns, pastLength }: DecoderRun): void {
    const { kvHeads, headSize } = this.shape;
    for (let head = 0; head < rows * kvHeads; head += 1) {
      const source = from.subarray(head * pastLength * headSize, (head + 1) * pastLength * headSize);
      to.set(source, head * (pastLength + columns) * headSize);
    }
  }

  /** The token that all layers, heads and values at a position agree on; -1 when they do not. */
  #tokenAt(present: readonly Float32Array[], row: number, at: number, length: number): number {
    const { kvHeads, headSize } = this.shape;
    const tokens = new Set<number>();
    this.#each((index, head, value) => {
      const place = ((row * kvHeads + head) * length + at) * headSize + value;
      tokens.add((present[index]?.[place] ?? Number.NaN) - codeOf(0, index, head, value));
    });
    const [token = -1, ...others] = tokens;
    return others.length > 0 ? -1 : token;
  }

  #each(visit: (index: number, head: number, value: number) => void): void {
    const { layers, kvHeads, headSize } = this.shape;
    for (let index = 0; index < layers * 2; index += 1) {
      for (let head = 0; head < kvHeads; head += 1) {
        for (let value = 0; value < headSize; value += 1) visit(index, head, value);
      }
    }
  }
}

/** What the session answers after these tokens. */
export function digestOf(tokens: readonly number[]): number {
  return tokens.reduce((digest, token) => (digest * 31 + token + 1) % VOCABULARY, 7);
}

export function told(logits: Float32Array): number {
  return logits.indexOf(1);
}

function codeOf(token: number, index: number, head: number, value: number): number {
  return token + 1_000 * (index * 100 + head * 10 + value + 1);
}
