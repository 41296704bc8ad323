import { describe, expect, it } from 'vitest';
import type { Pixels } from './brightness.js';
import { judgeQuality } from './judge-quality.js';
import { measurePicture } from './measure-picture.js';

const THRESHOLDS = {
  resolution: 800,
  sharpness: 0.045,
  glare: 0.01,
  darkness: 80,
  skew: 15,
  cropped: 0,
  'screen-pattern': 2,
  noise: 28,
} as const;
const [WIDTH, HEIGHT] = [840, 560];

/** Grey by a function of the place. */
function picture(grey: (x: number, y: number) => number): Pixels {
  const data = new Uint8ClampedArray(WIDTH * HEIGHT * 3);
  let at = 0;
  for (let y = 0; y < HEIGHT; y += 1) {
    for (let x = 0; x < WIDTH; x += 1, at += 3) {
      const value = grey(x, y);
      data[at] = value;
      data[at + 1] = value;
      data[at + 2] = value;
    }
  }
  return { width: WIDTH, height: HEIGHT, data: new Uint8Array(data.buffer) };
}

/** In [0, 1), the same for the same place, without any period. */
function scatter(x: number, y: number): number {
  let mixed = Math.imul(x + 1, 0x9e3779b1) ^ Math.imul(y + 1, 0x85ebca77);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae3d);
  return ((mixed ^ (mixed >>> 13)) >>> 0) / 2 ** 32;
}

/** Strokes of three pixels in rows at irregular distances, as print has them. */
const print = (x: number, y: number): number =>
  y % 40 < 20 && scatter(Math.floor(x / 3), Math.floor(y / 10)) < 0.3 ? 40 : 215;

/** Spots that run into each other. */
function blurred(x: number, y: number): number {
  const [column, row] = [Math.floor(x / 30), Math.floor(y / 30)];
  const ease = (share: number): number => share * share * (3 - 2 * share);
  const [right, down] = [ease((x % 30) / 30), ease((y % 30) / 30)];
  const at = (dx: number, dy: number): number => 100 + 130 * scatter(column + dx, row + dy);
  const upper = at(0, 0) * (1 - right) + at(1, 0) * right;
  const lower = at(0, 1) * (1 - right) + at(1, 1) * right;
  return upper * (1 - down) + lower * down;
}

function failures(pixels: Pixels, corners = straight): string[] {
  const page = {
    page: 1,
    width: WIDTH,
    height: HEIGHT,
    lines: [{ text: 'x', confidence: 1, quadrilateral: corners }],
  };
  const { measures } = judgeQuality(measurePicture(pixels), page, THRESHOLDS);
  return measures.flatMap(({ id, status }) => (status === 'failed' ? [id] : []));
}

type Corners = [[number, number], [number, number], [number, number], [number, number]];
const straight: Corners = [
  [100, 100],
  [300, 100],
  [300, 130],
  [100, 130],
];

/** Nine spectra and medians take their time on a busy machine. */
const TIMEOUT_MS = 30_000;

describe('the quality of a picture', { timeout: TIMEOUT_MS }, () => {
  it('is fine when it is sharp, bright and whole', () => {
    expect(failures(picture(print))).toEqual([]);
  });

  it.each([
    ['sharpness', blurred],
    ['darkness', (x: number, y: number) => print(x, y) * 0.25],
    ['glare', (x: number, y: number) => (Math.hypot(x - 500, y - 300) < 120 ? 255 : print(x, y))],
    ['screen-pattern', (x: number, y: number) => print(x, y) * 0.9 + 14 * Math.sin(x * 1.31 + y * 0.77)],
  ])('shows %s', (id, grey) => {
    expect(failures(picture(grey))).toEqual([id]);
  });

  it('tells where the glare is', () => {
    const pixels = picture((x, y) => (Math.hypot(x - 600, y - 300) < 100 ? 255 : print(x, y)));
    const { glareRegions } = measurePicture(pixels);

    expect(glareRegions).toHaveLength(1);
    const [[left, top] = [0, 0], , [right, bottom] = [0, 0]] = glareRegions[0] ?? straight;
    expect([left, top, right, bottom].map((value) => Math.round(value / 50) * 50)).toEqual([
      500, 200, 700, 400,
    ]);
  });

  it('cannot tell glare from paper as white as a scan', () => {
    const { glare } = measurePicture(picture((x, y) => (print(x, y) > 100 ? 253 : 0)));
    expect(glare).toBeNull();
  });

  it('shows skew and lines that the edge cuts', () => {
    expect(
      failures(picture(print), [
        [100, 100],
        [270, 200],
        [255, 226],
        [85, 126],
      ]),
    ).toEqual(['skew']);
    expect(
      failures(picture(print), [
        [0, 100],
        [200, 100],
        [200, 130],
        [0, 130],
      ]),
    ).toEqual(['cropped']);
  });
});
