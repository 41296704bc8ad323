import { type Brightness, percentile } from './brightness.js';
import type { Region } from './region.js';

export interface Glare {
  /** Share of the picture; null where the paper itself is as white as glare would be, as on a scan. */
  readonly share: number | null;
  readonly regions: readonly Region[];
}

const BURNT_OUT = 250;
const PAPER = 0.7;
/** Paper as white as this leaves nothing to tell glare by. */
const WHITE_PAPER = 243;
/** Connected areas below this share of the picture are highlights of no consequence. */
const SMALLEST = 0.002;
const MOST_REGIONS = 8;

/** Connected areas that are burnt out although the paper around them is not. */
export function measureGlare(picture: Brightness): Glare {
  if (percentile(picture, PAPER) >= WHITE_PAPER) return { share: null, regions: [] };
  const seen = new Uint8Array(picture.data.length);
  const found: (Region & { readonly area: number })[] = [];
  for (let start = 0; start < picture.data.length; start += 1) {
    if (seen[start] === 1 || (picture.data[start] ?? 0) < BURNT_OUT) continue;
    const area = fill(picture, start, seen);
    if (area.area >= SMALLEST * picture.data.length) found.push(area);
  }
  const regions = found.sort((a, b) => b.area - a.area).slice(0, MOST_REGIONS);
  const total = regions.reduce((sum, { area }) => sum + area, 0);
  return { share: total / picture.data.length, regions };
}

function fill({ data, width, height }: Brightness, start: number, seen: Uint8Array) {
  const open = [start];
  seen[start] = 1;
  let area = 0;
  let [left, right, top, bottom] = [width, 0, height, 0];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const [x, y] = [at % width, Math.floor(at / width)];
    area += 1;
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
    const next = [x > 0 ? at - 1 : -1, x < width - 1 ? at + 1 : -1, at - width, at + width];
    for (const neighbour of next) {
      if (neighbour < 0 || neighbour >= data.length || seen[neighbour] === 1) continue;
      if ((data[neighbour] ?? 0) < BURNT_OUT) continue;
      seen[neighbour] = 1;
      open.push(neighbour);
    }
  }
  return { area, left, right, top, bottom };
}
