import { Random } from '../invoice/random.js';
import type { PhotoStyle } from '../photo/photograph.js';

/** Of seeds that never meet: rules are written with `train` in view, tuned on `dev`, judged on `test`. */
export const SET_SPLITS = ['train', 'dev', 'test'] as const;
export type SetSplit = (typeof SET_SPLITS)[number];

const SEEDS_PER_SPLIT = 1_000_000;

/** So that two kinds never share a seed, and with it names and degradation. */
const SEEDS_PER_INDEX = 50;

/** The seed of the `index`-th document of the `kind`-th kind, both from 0. */
export function seedOf(split: SetSplit, kind: number, index: number): number {
  const place = index * SEEDS_PER_INDEX + kind;
  if (
    !Number.isInteger(place) ||
    kind < 0 ||
    kind >= SEEDS_PER_INDEX ||
    index < 0 ||
    place >= SEEDS_PER_SPLIT
  ) {
    throw new RangeError(`The split ${split} has no document ${index} of kind ${kind}.`);
  }
  return (SET_SPLITS.indexOf(split) + 1) * SEEDS_PER_SPLIT + place;
}

export const DEGREES = ['clean', 'photo', 'hard'] as const;
/** How much the picture suffered. */
export type Degree = (typeof DEGREES)[number];

export interface Degradation {
  readonly degree: Degree;
  readonly photo: PhotoStyle;
  /** A stamp falls over print. */
  readonly stamp: boolean;
}

/** Drawn from the seed alone, for a sheet `width` logical units wide and `height` high. */
export function degradationOf(seed: number, degree: Degree, sheet: { readonly width: number }): Degradation {
  const random = new Random(seed ^ 0x5eed);
  // @NOTE print 17 units high is 12 pixels at 0.7 pixels a unit, about the least a reader can do with
  const scale = { clean: [1, 1.6], photo: [1, 2.6], hard: [0.75, 2.2] }[degree] as [number, number];
  const width = Math.round(Math.max(300, Math.min(3000, sheet.width * random.between(...scale))));
  switch (degree) {
    case 'clean':
      return {
        degree,
        stamp: false,
        photo: { ...FLAT, width, quality: random.integer(80, 95) },
      };
    case 'photo':
      return {
        degree,
        stamp: random.next() < 0.2,
        photo: {
          width,
          rotation: random.between(-3, 3),
          perspective: random.between(0, 0.012),
          margin: random.between(0.01, 0.06),
          shadow: random.between(0, 0.25),
          noise: random.between(0, 3),
          blur: random.between(0.3, 0.6),
          quality: random.integer(55, 90),
          folds: random.integer(0, 1),
        },
      };
    case 'hard':
      return {
        degree,
        stamp: random.next() < 0.4,
        photo: {
          width,
          rotation: random.sign() * random.between(2, 7),
          perspective: random.between(0.008, 0.022),
          margin: random.between(0.01, 0.1),
          shadow: random.between(0.2, 0.5),
          noise: random.between(2, 7),
          blur: random.between(0.3, 0.8),
          quality: random.integer(35, 60),
          folds: random.integer(0, 3),
        },
      };
  }
}

const FLAT: PhotoStyle = {
  width: 1120,
  rotation: 0,
  perspective: 0,
  margin: 0,
  shadow: 0,
  noise: 0,
  blur: 0,
  quality: 85,
};
