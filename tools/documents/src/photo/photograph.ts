import sharp from 'sharp';
import { Random } from '../invoice/random.js';
import { type Corners, homography, type Point } from './homography.js';

export interface PhotoStyle {
  /** Pixels of the longer side of the result. */
  readonly width: number;
  /** Degrees, clockwise. */
  readonly rotation: number;
  /** Share of the sheet's size by which each corner may wander. */
  readonly perspective: number;
  /** Desk visible around the sheet, as a share of its width. */
  readonly margin: number;
  /** 0 none, 1 black in the darkest corner. */
  readonly shadow: number;
  /** Standard deviation of the sensor noise, in levels of 255. */
  readonly noise: number;
  /** Gaussian sigma in pixels of the result; 0 is sharp. */
  readonly blur: number;
  readonly quality: number;
  /** Creases that run across the sheet, dark on one side and bright on the other; absent: none. */
  readonly folds?: number;
}

interface Raster {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Photographs a flat sheet: laid on a desk, seen from an angle, lit from one side, compressed. */
export async function photograph(sheet: Buffer, style: PhotoStyle, seed: number): Promise<Buffer> {
  const random = new Random(seed);
  const source = await pixels(sheet);
  if (style.folds !== undefined) crease(source, style.folds, random);
  const placed = place(source, style, random);
  light(placed, style, random);
  const { data, width, height } = placed;
  let image = sharp(data, { raw: { width, height, channels: 3 } });
  if (style.blur > 0) image = image.blur(style.blur);
  const blurred = await image.raw().toBuffer();
  addNoise(blurred, style.noise, random);
  return sharp(blurred, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: style.quality, chromaSubsampling: '4:2:0' })
    .toBuffer();
}

async function pixels(sheet: Buffer): Promise<Raster> {
  const { data, info } = await sharp(sheet).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

function place(source: Raster, style: PhotoStyle, random: Random): Raster {
  const corners = cornersOf(source, style, random);
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  const margin = style.margin * source.width;
  const left = Math.min(...xs) - margin;
  const top = Math.min(...ys) - margin;
  const scale = style.width / (Math.max(...xs) + margin - left);
  const height = Math.round((Math.max(...ys) + margin - top) * scale);
  const { width } = style;
  const moved = ([x, y]: Point): Point => [(x - left) * scale, (y - top) * scale];
  const [topLeft, topRight, bottomRight, bottomLeft] = corners;
  const onPhoto: Corners = [moved(topLeft), moved(topRight), moved(bottomRight), moved(bottomLeft)];
  const flat: Corners = [
    [0, 0],
    [source.width, 0],
    [source.width, source.height],
    [0, source.height],
  ];
  const back = homography(onPhoto, flat);
  const data = new Uint8Array(width * height * 3);
  const desk = [random.integer(96, 150), random.integer(84, 120), random.integer(70, 104)] as const;
  for (let y = 0; y < height; y += 1) {
    const grain = Math.round(6 * Math.sin(y / 17) + 4 * Math.sin(y / 5.3));
    for (let x = 0; x < width; x += 1) {
      copyPixel(source, data, (y * width + x) * 3, project(back, x + 0.5, y + 0.5), desk, grain);
    }
  }
  return { data, width, height };
}

function cornersOf(source: Raster, style: PhotoStyle, random: Random): Corners {
  const angle = (style.rotation * Math.PI) / 180;
  const wander = (size: number): number => random.between(-1, 1) * style.perspective * size;
  const turn = (x: number, y: number): readonly [number, number] => [
    x * Math.cos(angle) - y * Math.sin(angle) + wander(source.width),
    x * Math.sin(angle) + y * Math.cos(angle) + wander(source.height),
  ];
  return [turn(0, 0), turn(source.width, 0), turn(source.width, source.height), turn(0, source.height)];
}

function project(matrix: Float64Array, x: number, y: number): readonly [number, number] {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 1] = matrix;
  const depth = g * x + h * y + i;
  return [(a * x + b * y + c) / depth - 0.5, (d * x + e * y + f) / depth - 0.5];
}

/** Bilinear from the sheet, or the desk outside it. */
function copyPixel(
  source: Raster,
  target: Uint8Array,
  offset: number,
  [x, y]: readonly [number, number],
  desk: readonly [number, number, number],
  grain: number,
): void {
  const outside = x < 0 || y < 0 || x > source.width - 1 || y > source.height - 1;
  const left = Math.floor(x);
  const top = Math.floor(y);
  const right = Math.min(left + 1, source.width - 1);
  const bottom = Math.min(top + 1, source.height - 1);
  for (let channel = 0; channel < 3; channel += 1) {
    if (outside) {
      target[offset + channel] = (desk[channel] ?? 0) + grain;
      continue;
    }
    const value = (column: number, row: number): number =>
      source.data[(row * source.width + column) * 3 + channel] ?? 0;
    const upper = value(left, top) * (1 - (x - left)) + value(right, top) * (x - left);
    const lower = value(left, bottom) * (1 - (x - left)) + value(right, bottom) * (x - left);
    target[offset + channel] = Math.round(upper * (1 - (y - top)) + lower * (y - top));
  }
}

/** Paper that was folded and opened again: a line of worn ink, in the shade on one of its sides. */
function crease({ data, width, height }: Raster, folds: number, random: Random): void {
  for (let fold = 0; fold < folds; fold += 1) {
    const upright = random.next() < 0.5;
    const length = upright ? height : width;
    const across = upright ? width : height;
    const at = across * random.between(0.2, 0.8);
    const lean = random.between(-0.03, 0.03);
    const reach = across * 0.04;
    for (let along = 0; along < length; along += 1) {
      const middle = at + lean * along;
      const [from, to] = [Math.max(0, Math.ceil(middle - reach)), Math.min(across - 1, middle + reach)];
      for (let place = from; place <= to; place += 1) {
        const distance = (place - middle) / reach;
        const factor = Math.abs(place - middle) < 1 ? 1.12 : distance < 0 ? 1 - 0.16 * (1 + distance) : 1;
        const offset = (upright ? along * width + place : place * width + along) * 3;
        for (let channel = 0; channel < 3; channel += 1) {
          data[offset + channel] = Math.min(255, (data[offset + channel] ?? 0) * factor);
        }
      }
    }
  }
}

/** A soft shadow that falls in from one side, over an even loss of light. */
function light(photo: Raster, style: PhotoStyle, random: Random): void {
  if (style.shadow === 0) return;
  const angle = random.between(0, Math.PI * 2);
  const directionX = Math.cos(angle);
  const directionY = Math.sin(angle);
  const edge = random.between(0.1, 0.45);
  for (let y = 0; y < photo.height; y += 1) {
    for (let x = 0; x < photo.width; x += 1) {
      const along = (x / photo.width - 0.5) * directionX + (y / photo.height - 0.5) * directionY;
      const depth = 1 / (1 + Math.exp(-(along - edge + 0.25) * 14));
      const factor = 1 - style.shadow * (0.25 + 0.75 * depth);
      const offset = (y * photo.width + x) * 3;
      for (let channel = 0; channel < 3; channel += 1) {
        photo.data[offset + channel] = (photo.data[offset + channel] ?? 0) * factor;
      }
    }
  }
}

function addNoise(data: Buffer, deviation: number, random: Random): void {
  if (deviation === 0) return;
  for (let index = 0; index < data.length; index += 1) {
    const value = (data[index] ?? 0) + random.normal() * deviation;
    data[index] = Math.max(0, Math.min(255, Math.round(value)));
  }
}
