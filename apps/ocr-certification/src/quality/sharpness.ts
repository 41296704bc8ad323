import type { Brightness } from './brightness.js';
import type { Region } from './region.js';

export interface Sharpness {
  /** Variance of the Laplacian over variance of brightness: of the sharper cells, so that one-edge cells do not count. */
  readonly value: number;
  /** Cells that hold print, each with its own sharpness. */
  readonly cells: readonly (Region & { readonly sharpness: number })[];
}

const COLUMNS = 6;
const ROWS = 5;
/** Standard deviation of brightness from which a cell holds more than paper. */
const PRINTED = 14;
const SHARPER = 0.7;

/** Without a reference: how much of the contrast is in the finest detail, cell by cell. */
export function measureSharpness(picture: Brightness): Sharpness {
  const cells = [];
  for (let row = 0; row < ROWS; row += 1) {
    for (let column = 0; column < COLUMNS; column += 1) {
      const region = {
        left: Math.floor((picture.width * column) / COLUMNS),
        right: Math.floor((picture.width * (column + 1)) / COLUMNS),
        top: Math.floor((picture.height * row) / ROWS),
        bottom: Math.floor((picture.height * (row + 1)) / ROWS),
      };
      const { deviation, sharpness } = measureCell(picture, region);
      if (deviation >= PRINTED) cells.push({ ...region, sharpness });
    }
  }
  const sorted = cells.map(({ sharpness }) => sharpness).sort((a, b) => a - b);
  return { value: sorted[Math.floor(sorted.length * SHARPER)] ?? 0, cells };
}

function measureCell({ data, width, height }: Brightness, { left, right, top, bottom }: Region) {
  let [count, sum, squares, edges, edgeSquares] = [0, 0, 0, 0, 0];
  for (let y = Math.max(1, top); y < Math.min(height - 1, bottom); y += 1) {
    for (let x = Math.max(1, left); x < Math.min(width - 1, right); x += 1) {
      const at = y * width + x;
      const value = data[at] ?? 0;
      const around =
        (data[at - 1] ?? 0) + (data[at + 1] ?? 0) + (data[at - width] ?? 0) + (data[at + width] ?? 0);
      const laplacian = around - 4 * value;
      count += 1;
      sum += value;
      squares += value * value;
      edges += laplacian;
      edgeSquares += laplacian * laplacian;
    }
  }
  if (count === 0) return { deviation: 0, sharpness: 0 };
  const variance = squares / count - (sum / count) ** 2;
  const edgeVariance = edgeSquares / count - (edges / count) ** 2;
  return {
    deviation: Math.sqrt(Math.max(0, variance)),
    sharpness: variance < 1 ? 0 : edgeVariance / variance,
  };
}
