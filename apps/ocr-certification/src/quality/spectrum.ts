import FFT from 'fft.js';
import type { Brightness } from './brightness.js';

/** Side of a tile: a power of two. */
export const TILE = 256;
/** Cycles a pixel: below lies print, above the noise of compression. */
const LOWEST = 0.11;
const HIGHEST = 0.45;
/** Neighbours within the inner ring belong to the peak itself. */
const INNER = 3;
const OUTER = 7;

const fft = new FFT(TILE);
const window = Float64Array.from(
  { length: TILE },
  (_, index) => 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / (TILE - 1)),
);

/**
 * How far one spatial frequency stands above those around it, in decades, in the geometric mean over the
 * tiles: the pixels of a display repeat everywhere, print does not.
 */
export function measurePattern(tiles: readonly Brightness[]): number {
  if (tiles.length === 0) return 0;
  const mean = new Float64Array(TILE * TILE);
  for (const tile of tiles) {
    const power = logPower(tile);
    for (let index = 0; index < mean.length; index += 1)
      mean[index] = (mean[index] ?? 0) + (power[index] ?? 0) / tiles.length;
  }
  let highest = 0;
  for (let y = 0; y < TILE / 2; y += 1) {
    for (let x = 0; x < TILE; x += 1) {
      const frequency = Math.hypot(signed(x), y) / TILE;
      // @NOTE edges of print and of the sheet run along the axes
      const onAxis = Math.abs(signed(x)) < 6 || y < 6;
      if (frequency < LOWEST || frequency > HIGHEST || onAxis) continue;
      const own = mean[y * TILE + x] ?? 0;
      if (own - highest < 0) continue;
      highest = Math.max(highest, own - around(mean, x, y));
    }
  }
  return highest;
}

/** Decimal logarithm of the power of every frequency. */
function logPower({ data }: Brightness): Float64Array {
  const average = data.reduce((sum, value) => sum + value, 0) / data.length;
  const plane = new Float64Array(TILE * TILE * 2);
  const line = fft.createComplexArray();
  const out = fft.createComplexArray();
  for (let y = 0; y < TILE; y += 1) {
    for (let x = 0; x < TILE; x += 1) {
      line[2 * x] = ((data[y * TILE + x] ?? 0) - average) * (window[x] ?? 0) * (window[y] ?? 0);
      line[2 * x + 1] = 0;
    }
    fft.transform(out, line);
    plane.set(out, y * TILE * 2);
  }
  const power = new Float64Array(TILE * TILE);
  for (let x = 0; x < TILE; x += 1) {
    for (let y = 0; y < TILE; y += 1) {
      line[2 * y] = plane[(y * TILE + x) * 2] ?? 0;
      line[2 * y + 1] = plane[(y * TILE + x) * 2 + 1] ?? 0;
    }
    fft.transform(out, line);
    for (let y = 0; y < TILE; y += 1) {
      const [real, imaginary] = [out[2 * y] ?? 0, out[2 * y + 1] ?? 0];
      power[y * TILE + x] = Math.log10(real * real + imaginary * imaginary + 1);
    }
  }
  return power;
}

function around(mean: Float64Array, x: number, y: number): number {
  let [sum, count] = [0, 0];
  for (let dy = -OUTER; dy <= OUTER; dy += 1) {
    for (let dx = -OUTER; dx <= OUTER; dx += 1) {
      if (Math.max(Math.abs(dx), Math.abs(dy)) <= INNER) continue;
      const [column, row] = [(x + dx + TILE) % TILE, (y + dy + TILE) % TILE];
      sum += mean[row * TILE + column] ?? 0;
      count += 1;
    }
  }
  return sum / count;
}

const signed = (index: number): number => (index > TILE / 2 ? index - TILE : index);
