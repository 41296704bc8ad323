import sharp, { type Sharp } from 'sharp';
import { decodeImage } from './decode-image.js';
import type { ImageOptions } from './inspect-image.js';
import { type Colour, numberTag, outline, type Place, type Raster } from './raster.js';

export interface MarkOptions extends ImageOptions {
  /** Pixels of the longer side that the result has at most. */
  readonly maxSide: number;
  /** Bytes that the JPEG has at most; its quality and then its size go down until it fits. */
  readonly maxBytes: number;
}

export interface MarkedImage {
  readonly jpeg: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Told apart by people who see no red or no green too (Okabe and Ito, 2008). */
const COLOURS: readonly Colour[] = [
  [213, 94, 0],
  [0, 114, 178],
  [0, 158, 115],
  [204, 121, 167],
];
const QUALITIES = [82, 70, 55];

/**
 * Outlines and numbers places in a picture, from 1 in the order given. Places are in pixels of the upright picture.
 * Refuses what `decodeImage` refuses.
 */
export async function markImage(
  bytes: Uint8Array,
  places: readonly Place[],
  options: MarkOptions,
): Promise<MarkedImage> {
  const decoded = await decodeImage(bytes, options);
  let side = options.maxSide;
  for (;;) {
    const marked = await drawn(decoded, places, side);
    for (const quality of QUALITIES) {
      const jpeg = await raw(marked).jpeg({ quality, mozjpeg: false }).toBuffer();
      if (jpeg.byteLength <= options.maxBytes || side <= SMALLEST_SIDE) {
        return { jpeg, width: marked.width, height: marked.height };
      }
    }
    side = Math.max(SMALLEST_SIDE, Math.floor(Math.min(side, Math.max(marked.width, marked.height)) * 0.75));
  }
}

/** So small that any picture fits into a message at the lowest quality. */
const SMALLEST_SIDE = 320;

const raw = ({ width, height, data }: Raster): Sharp => sharp(data, { raw: { width, height, channels: 3 } });

async function drawn(image: Raster, places: readonly Place[], maxSide: number): Promise<Raster> {
  const scale = Math.min(1, maxSide / Math.max(image.width, image.height));
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const data = await raw(image).resize(width, height, { fit: 'fill' }).raw().toBuffer();
  const raster = { width, height, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
  const thickness = Math.max(2, Math.round(Math.max(width, height) / 500));
  places.forEach((place, index) => {
    const corners = place.map(([x, y]) => [x * scale, y * scale] as const);
    const colour = COLOURS[index % COLOURS.length] ?? [0, 0, 0];
    outline(raster, corners, thickness, colour);
    const left = Math.min(...corners.map(([x]) => x));
    const top = Math.min(...corners.map(([, y]) => y));
    numberTag(raster, { x: left, y: top, number: index + 1, dot: thickness + 1 }, colour);
  });
  return raster;
}
