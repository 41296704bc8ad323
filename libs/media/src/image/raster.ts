/** RGB, 8 bits each, row by row: `width * height * 3` bytes. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export type Colour = readonly [red: number, green: number, blue: number];
export type Place = readonly (readonly [x: number, y: number])[];

/** Draws the closed outline of a polygon, `thickness` pixels wide; what lies outside of the raster is left out. */
export function outline(raster: Raster, corners: Place, thickness: number, colour: Colour): void {
  corners.forEach(([x, y], index) => {
    const [toX, toY] = corners[(index + 1) % corners.length] ?? [x, y];
    const steps = Math.max(1, Math.ceil(Math.max(Math.abs(toX - x), Math.abs(toY - y))));
    // Corners may lie far outside; a line longer than the raster's half circumference shows nothing more.
    const most = 4 * (raster.width + raster.height);
    for (let step = 0; step <= Math.min(steps, most); step += 1) {
      const part = step / Math.min(steps, most);
      const left = x + (toX - x) * part - thickness / 2;
      const top = y + (toY - y) * part - thickness / 2;
      fill(raster, { left, top, width: thickness, height: thickness }, colour);
    }
  });
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export function fill({ width, height, data }: Raster, box: Box, [red, green, blue]: Colour): void {
  const right = Math.min(width, Math.round(box.left + box.width));
  const bottom = Math.min(height, Math.round(box.top + box.height));
  for (let y = Math.max(0, Math.round(box.top)); y < bottom; y += 1) {
    for (let x = Math.max(0, Math.round(box.left)); x < right; x += 1) {
      const at = (y * width + x) * 3;
      data[at] = red;
      data[at + 1] = green;
      data[at + 2] = blue;
    }
  }
}

/** Figures of three by five dots, a row after the other from the top, so that no font is needed. */
const FIGURES = [
  '111101101101111',
  '010110010010111',
  '111001111100111',
  '111001111001111',
  '101101111001001',
  '111100111001111',
  '111100111101111',
  '111001010010010',
  '111101111101111',
  '111101111001111',
];

/** A filled tag with a number, its lower left corner at (`x`, `y`) where there is room; returns where it stands. */
export function numberTag(
  raster: Raster,
  {
    x,
    y,
    number,
    dot,
  }: { readonly x: number; readonly y: number; readonly number: number; readonly dot: number },
  colour: Colour,
): Box {
  const figures = [...String(number)].map((figure) => FIGURES[Number(figure)] ?? '');
  const width = (figures.length * 4 + 1) * dot;
  const height = 7 * dot;
  const box = {
    left: Math.min(Math.max(0, x), Math.max(0, raster.width - width)),
    top: Math.min(Math.max(0, y - height), Math.max(0, raster.height - height)),
    width,
    height,
  };
  fill(raster, box, colour);
  figures.forEach((dots, figure) => {
    [...dots].forEach((set, index) => {
      if (set !== '1') return;
      const left = box.left + (1 + figure * 4 + (index % 3)) * dot;
      const top = box.top + (1 + Math.floor(index / 3)) * dot;
      fill(raster, { left, top, width: dot, height: dot }, WHITE);
    });
  });
  return box;
}

const WHITE: Colour = [255, 255, 255];
