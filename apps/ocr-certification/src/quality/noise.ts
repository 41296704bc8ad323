import type { Brightness } from './brightness.js';

/** Where the denoised picture varies less than this within three pixels it is even. */
const EVEN = 10;
/** Pixels between those that are looked at: there are more than enough. */
const STEP = 3;
/** Of a picture without any noise. */
export const NOISELESS_DB = 60;

/** Peak signal-to-noise ratio in dB of the even areas against their median over three by three pixels. */
export function measureNoise(tiles: readonly Brightness[]): number {
  let [squares, count] = [0, 0];
  const around = new Uint8Array(9);
  for (const { data, width, height } of tiles) {
    for (let y = 1; y < height - 1; y += STEP) {
      for (let x = 1; x < width - 1; x += STEP) {
        const at = y * width + x;
        let filled = 0;
        for (let row = at - width; row <= at + width; row += width) {
          around[filled] = data[row - 1] ?? 0;
          around[filled + 1] = data[row] ?? 0;
          around[filled + 2] = data[row + 1] ?? 0;
          filled += 3;
        }
        around.sort();
        // the second smallest and second largest: one outlier of noise does not make an area uneven
        if ((around[7] ?? 0) - (around[1] ?? 0) > EVEN * 2) continue;
        squares += ((data[at] ?? 0) - (around[4] ?? 0)) ** 2;
        count += 1;
      }
    }
  }
  if (count === 0 || squares === 0) return NOISELESS_DB;
  return Math.min(NOISELESS_DB, 10 * Math.log10((255 * 255 * count) / squares));
}
