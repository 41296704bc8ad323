/** Brightness of a picture, 0 to 255, row by row. */
export interface Brightness {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** RGB, three bytes a pixel. */
  readonly data: Uint8Array;
}

/** Rec. 601 brightness of part of a picture at its own size. */
export function cut(picture: Pixels, left: number, top: number, width: number, height: number): Brightness {
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1) {
    let from = ((top + y) * picture.width + left) * 3;
    for (let x = 0; x < width; x += 1, from += 3) data[y * width + x] = luma(picture.data, from);
  }
  return { width, height, data };
}

/** The whole picture so that its longer side is `side`, each pixel the mean of those it covers; never enlarged. */
export function shrink(picture: Pixels, side: number): Brightness {
  const scale = Math.max(1, Math.max(picture.width, picture.height) / side);
  const width = Math.max(1, Math.floor(picture.width / scale));
  const height = Math.max(1, Math.floor(picture.height / scale));
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1) {
    const top = Math.floor(y * scale);
    const bottom = Math.max(top + 1, Math.floor((y + 1) * scale));
    for (let x = 0; x < width; x += 1) {
      const left = Math.floor(x * scale);
      const right = Math.max(left + 1, Math.floor((x + 1) * scale));
      let sum = 0;
      for (let row = top; row < bottom; row += 1) {
        let from = (row * picture.width + left) * 3;
        for (let column = left; column < right; column += 1, from += 3) sum += luma(picture.data, from);
      }
      data[y * width + x] = sum / ((bottom - top) * (right - left));
    }
  }
  return { width, height, data };
}

/** The value that this share of the pixels does not exceed. */
export function percentile({ data }: Brightness, share: number): number {
  const counts = new Uint32Array(256);
  for (const value of data) counts[value] = (counts[value] ?? 0) + 1;
  let passed = 0;
  for (const [value, count] of counts.entries()) {
    passed += count;
    if (passed >= share * data.length) return value;
  }
  return 255;
}

const luma = (data: Uint8Array, at: number): number =>
  ((data[at] ?? 0) * 77 + (data[at + 1] ?? 0) * 150 + (data[at + 2] ?? 0) * 29) >> 8;
