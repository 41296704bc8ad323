/** Pixels row by row, each `0x00BBGGRR`: one look fetches all of a pixel, one product weighs two channels. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly pixels: Int32Array;
}

/** Selects red and blue, eight empty bits above each. */
export const RED_BLUE = 0xff00ff;
const GREEN = 0x00ff00;

/** From bytes in the order red, green, blue. */
export function rasterOf({
  width,
  height,
  data,
}: {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}): Raster {
  const pixels = new Int32Array(width * height);
  for (let to = 0, from = 0; to < pixels.length; to += 1, from += 3) {
    pixels[to] = (data[from] ?? 0) | ((data[from + 1] ?? 0) << 8) | ((data[from + 2] ?? 0) << 16);
  }
  return { width, height, pixels };
}

/** White paper. */
export function blankRaster(width: number, height: number): Raster {
  return { width, height, pixels: new Int32Array(width * height).fill(0xffffff) };
}

/** Half the width and height, each pixel the mean of four. An odd last row or column is dropped. */
export function halve({ width, height, pixels }: Raster): Raster {
  const halfWidth = Math.max(1, width >> 1);
  const halfHeight = Math.max(1, height >> 1);
  const right = width > 1 ? 1 : 0;
  const below = height > 1 ? width : 0;
  const half = new Int32Array(halfWidth * halfHeight);
  let to = 0;
  for (let row = 0; row < halfHeight; row += 1) {
    let from = row * 2 * width;
    for (let column = 0; column < halfWidth; column += 1, to += 1, from += 2) {
      const a = pixels[from] ?? 0;
      const b = pixels[from + right] ?? 0;
      const c = pixels[from + below] ?? 0;
      const d = pixels[from + below + right] ?? 0;
      const redBlue = (a & RED_BLUE) + (b & RED_BLUE) + (c & RED_BLUE) + (d & RED_BLUE) + 0x20002;
      const green = (a & GREEN) + (b & GREEN) + (c & GREEN) + (d & GREEN) + 0x200;
      half[to] = ((redBlue >> 2) & RED_BLUE) | ((green >> 2) & GREEN);
    }
  }
  return { width: halfWidth, height: halfHeight, pixels: half };
}
