import type { Quadrilateral } from '@trivium/contracts/content';
import { type Brightness, cut, percentile, type Pixels, shrink } from './brightness.js';
import { measureGlare } from './glare.js';
import { measureNoise } from './noise.js';
import { cornersOf } from './region.js';
import { measureSharpness } from './sharpness.js';
import { measurePattern, TILE } from './spectrum.js';

/** What the pixels alone say. Regions are in pixels of the picture. */
export interface PictureFigures {
  readonly width: number;
  readonly height: number;
  readonly sharpness: number;
  readonly cells: readonly { readonly corners: Quadrilateral; readonly sharpness: number }[];
  readonly glare: number | null;
  readonly glareRegions: readonly Quadrilateral[];
  readonly paper: number;
  readonly pattern: number;
  readonly noise: number;
}

/** Sharpness depends on size, so it is measured at one. */
const NORMAL_SIDE = 1024;
const GLARE_SIDE = 512;
const TILES_ACROSS = 3;
const PAPER = 0.7;

export function measurePicture(picture: Pixels): PictureFigures {
  const { width, height } = picture;
  const normal = shrink(picture, NORMAL_SIDE);
  const small = shrink(picture, GLARE_SIDE);
  const sharpness = measureSharpness(normal);
  const glare = measureGlare(small);
  const tiles = tilesOf(picture);
  return {
    width,
    height,
    sharpness: sharpness.value,
    cells: sharpness.cells.map((cell) => ({
      corners: cornersOf(cell, width / normal.width),
      sharpness: cell.sharpness,
    })),
    glare: glare.share,
    glareRegions: glare.regions.map((region) => cornersOf(region, width / small.width)),
    paper: percentile(small, PAPER),
    pattern: measurePattern(tiles),
    noise: measureNoise(tiles),
  };
}

/** Squares at full size, spread evenly; none where the picture is smaller than one. */
function tilesOf(picture: Pixels): Brightness[] {
  const { width, height } = picture;
  if (width < TILE || height < TILE) return [];
  return Array.from({ length: TILES_ACROSS ** 2 }, (_, index) => {
    const column = index % TILES_ACROSS;
    const row = Math.floor(index / TILES_ACROSS);
    const left = Math.floor(((width - TILE) * (column + 0.5)) / TILES_ACROSS);
    const top = Math.floor(((height - TILE) * (row + 0.5)) / TILES_ACROSS);
    return cut(picture, left, top, TILE, TILE);
  });
}
