/** Whole numbers in place of floats, `value = integer * scale` with one scale per channel. */
export interface Rounded {
  readonly values: Int8Array<ArrayBuffer>;
  readonly scales: Float32Array<ArrayBuffer>;
}

/** Largest int8 that has a negative counterpart. */
const LARGEST = 127;
/** Smaller magnitudes count as zero: their scale would leave the range in which float32 is exact. */
const NEGLIGIBLE = 2 ** -100;

/**
 * Symmetric int8 per column of a row-major [rows, columns] matrix: the largest magnitude of a column
 * becomes 127. A column of nothing but zeros gets scale 1.
 */
export function roundColumns(weights: Float32Array, columns: number): Rounded {
  const scales = new Float32Array(columns);
  for (let start = 0; start < weights.length; start += columns) {
    for (let column = 0; column < columns; column += 1) {
      const magnitude = Math.abs(weights[start + column] ?? 0);
      if (magnitude > (scales[column] ?? 0)) scales[column] = magnitude;
    }
  }
  toScales(scales);
  const values = new Int8Array(weights.length);
  for (let start = 0; start < weights.length; start += columns) {
    for (let column = 0; column < columns; column += 1) {
      values[start + column] = Math.round((weights[start + column] ?? 0) / (scales[column] ?? 1));
    }
  }
  return { values, scales };
}

/** Symmetric int8 per row: per output channel of a convolution, whose weights start with that side. */
export function roundRows(weights: Float32Array, rows: number): Rounded {
  const length = weights.length / rows;
  const scales = new Float32Array(rows);
  for (let index = 0; index < weights.length; index += 1) {
    const row = Math.floor(index / length);
    const magnitude = Math.abs(weights[index] ?? 0);
    if (magnitude > (scales[row] ?? 0)) scales[row] = magnitude;
  }
  toScales(scales);
  const values = new Int8Array(weights.length);
  for (let index = 0; index < weights.length; index += 1) {
    values[index] = Math.round((weights[index] ?? 0) / (scales[Math.floor(index / length)] ?? 1));
  }
  return { values, scales };
}

function toScales(magnitudes: Float32Array): void {
  magnitudes.forEach((magnitude, index) => {
    magnitudes[index] = magnitude < NEGLIGIBLE ? 1 : magnitude / LARGEST;
  });
}

/** Rows of a [rows, columns] matrix become columns. */
export function transpose(values: Float32Array, rows: number, columns: number): Float32Array<ArrayBuffer> {
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      turned[column * rows + row] = values[row * columns + column] ?? 0;
    }
  }
  return turned;
}

interface RoundedBlocks {
  /** Two weights to a byte, the first in the low half; [columns, blocks, block / 2]. */
  readonly values: Uint8Array<ArrayBuffer>;
  /** [columns, blocks]. */
  readonly scales: Float32Array<ArrayBuffer>;
  /** Two to a byte, each column from a byte of its own; absent: 8 for all. */
  readonly zeroPoints: Uint8Array<ArrayBuffer> | undefined;
}

const MIDDLE = 8;
const STEPS = 15;

/**
 * 4 bits per weight of a row-major [rows, columns] matrix, a scale for every `block` rows of a column:
 * `value = (integer - zero point) * scale`, in the layout of `MatMulNBits`. Symmetric: the weight of
 * largest magnitude becomes -8, the end of the range that has one step more. Otherwise the range between
 * least and largest weight, 0 included, is cut into 15 steps.
 */
export function roundBlocks(
  weights: Float32Array,
  rows: number,
  columns: number,
  block: number,
  isSymmetric: boolean,
): RoundedBlocks {
  const blocks = Math.ceil(rows / block);
  const values = new Uint8Array((columns * blocks * block) / 2);
  const scales = new Float32Array(columns * blocks);
  const pairs = Math.ceil(blocks / 2);
  const zeroPoints = new Uint8Array(columns * pairs);
  for (let column = 0; column < columns; column += 1) {
    for (let index = 0; index < blocks; index += 1) {
      const first = index * block;
      const end = Math.min(first + block, rows);
      const { scale, zeroPoint } = rangeOf(weights, columns, column, first, end, isSymmetric);
      scales[column * blocks + index] = scale;
      put(zeroPoints, column * pairs * 2 + index, zeroPoint);
      const start = (column * blocks + index) * block;
      for (let offset = 0; offset < block; offset += 1) {
        const row = first + offset;
        const weight = row < end ? (weights[row * columns + column] ?? 0) : 0;
        const whole = Math.round(weight / scale) + zeroPoint;
        put(values, start + offset, Math.min(Math.max(whole, 0), STEPS));
      }
    }
  }
  return { values, scales, zeroPoints: isSymmetric ? undefined : zeroPoints };
}

function rangeOf(
  weights: Float32Array,
  columns: number,
  column: number,
  first: number,
  end: number,
  isSymmetric: boolean,
): { readonly scale: number; readonly zeroPoint: number } {
  let least = 0;
  let most = 0;
  for (let row = first; row < end; row += 1) {
    const weight = weights[row * columns + column] ?? 0;
    least = Math.min(least, weight);
    most = Math.max(most, weight);
  }
  if (most - least < NEGLIGIBLE) return { scale: 1, zeroPoint: MIDDLE };
  if (isSymmetric) return { scale: (most > -least ? most : least) / -MIDDLE, zeroPoint: MIDDLE };
  const scale = (most - least) / STEPS;
  return { scale, zeroPoint: Math.round(-least / scale) };
}

/** Writes the half byte at a place. */
function put(bytes: Uint8Array, place: number, half: number): void {
  const index = place >> 1;
  const before = bytes[index] ?? 0;
  bytes[index] = place % 2 === 0 ? (before & 0xf0) | half : (before & 0x0f) | (half << 4);
}

/** Largest finite float16 and its smallest one above zero (IEEE 754 binary16). */
const LARGEST_HALF = 65_504;
const SMALLEST_HALF = 2 ** -24;

/** Values as float16: those beyond its range become its ends, those that would become zero its smallest. */
export function halfPrecision(values: Float32Array): Float16Array<ArrayBuffer> {
  const halves = new Float16Array(values.length);
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? 0;
    const magnitude = Math.min(Math.max(Math.abs(value), SMALLEST_HALF), LARGEST_HALF);
    halves[index] = value === 0 || Number.isNaN(value) ? value : Math.sign(value) * magnitude;
  }
  return halves;
}
