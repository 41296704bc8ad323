import { type InvoiceWishes } from './invoice/compose-invoice.js';
import { type Fault } from './invoice/spoil-invoice.js';
import { type Split } from './invoice/truth.js';
import { type PhotoStyle } from './photo/photograph.js';

export interface SamplePlan {
  readonly seed: number;
  readonly split: Split;
  readonly invoice: InvoiceWishes;
  readonly fault?: Fault;
  readonly photo: PhotoStyle;
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

const mild = (rotation: number, changes: Partial<PhotoStyle> = {}): PhotoStyle => ({
  ...FLAT,
  width: 1180,
  rotation,
  margin: 0.015,
  shadow: 0.12,
  noise: 2,
  blur: 0.55,
  quality: 70,
  ...changes,
});

const hard = (rotation: number, changes: Partial<PhotoStyle> = {}): PhotoStyle => ({
  ...FLAT,
  width: 1160,
  rotation,
  perspective: 0.018,
  margin: 0.02,
  shadow: 0.42,
  noise: 6,
  blur: 0.7,
  quality: 35,
  ...changes,
});

/** The sample set, in the order of the file names; the first is the picture of the README. */
export const SAMPLES: readonly SamplePlan[] = [
  {
    seed: 101,
    split: 'clean',
    invoice: { layout: 'vat-electronic', rows: 3 },
    photo: { ...FLAT, rotation: 0.4, margin: 0.02, shadow: 0.06, quality: 82, width: 1200 },
  },
  {
    seed: 102,
    split: 'clean',
    invoice: { layout: 'vat-electronic', rows: 1, derivedPrices: true },
    photo: FLAT,
  },
  { seed: 103, split: 'clean', invoice: { layout: 'vat-special', rows: 4 }, photo: FLAT },
  { seed: 104, split: 'clean', invoice: { layout: 'digital', rows: 2 }, photo: FLAT },
  {
    seed: 105,
    split: 'clean',
    invoice: { layout: 'digital', rows: 6, special: true, derivedPrices: true },
    photo: FLAT,
  },
  { seed: 106, split: 'clean', invoice: { layout: 'vat-electronic', rows: 2, exempt: true }, photo: FLAT },
  {
    seed: 107,
    split: 'clean',
    invoice: { layout: 'vat-electronic', rows: 3 },
    fault: 'wrong-total',
    photo: FLAT,
  },
  { seed: 108, split: 'clean', invoice: { layout: 'digital', rows: 3 }, fault: 'wrong-words', photo: FLAT },
  { seed: 109, split: 'mild', invoice: { layout: 'vat-electronic', rows: 5 }, photo: mild(1.2) },
  {
    seed: 110,
    split: 'mild',
    invoice: { layout: 'vat-special', rows: 2, derivedPrices: true },
    photo: mild(-1.6),
  },
  { seed: 111, split: 'mild', invoice: { layout: 'digital', rows: 4, discount: true }, photo: mild(1.9) },
  { seed: 112, split: 'mild', invoice: { layout: 'digital', rows: 1, privateBuyer: true }, photo: mild(-1) },
  {
    seed: 113,
    split: 'mild',
    invoice: { layout: 'vat-electronic', rows: 6, derivedPrices: true },
    photo: mild(1.5, { width: 2200, quality: 58, noise: 0, blur: 0.9 }),
  },
  {
    seed: 114,
    split: 'mild',
    invoice: { layout: 'vat-special', rows: 3 },
    fault: 'bad-tax-id',
    photo: mild(-2),
  },
  {
    seed: 115,
    split: 'mild',
    invoice: { layout: 'vat-electronic', rows: 2 },
    fault: 'wrong-item-amount',
    photo: mild(-1.3),
  },
  { seed: 116, split: 'mild', invoice: { layout: 'digital', rows: 3, special: true }, photo: mild(1.1) },
  { seed: 117, split: 'hard', invoice: { layout: 'vat-electronic', rows: 2 }, photo: hard(2.5) },
  { seed: 118, split: 'hard', invoice: { layout: 'vat-electronic', rows: 4 }, photo: hard(-4) },
  { seed: 119, split: 'hard', invoice: { layout: 'vat-special', rows: 3 }, photo: hard(5.5) },
  { seed: 120, split: 'hard', invoice: { layout: 'digital', rows: 2, special: true }, photo: hard(-6.5) },
  {
    seed: 121,
    split: 'hard',
    invoice: { layout: 'digital', rows: 5 },
    photo: hard(3, { width: 2080, quality: 35, noise: 4, blur: 1.3 }),
  },
  {
    seed: 122,
    split: 'hard',
    invoice: { layout: 'vat-electronic', rows: 3, discount: true },
    photo: hard(-3.2),
  },
  {
    seed: 123,
    split: 'hard',
    invoice: { layout: 'vat-special', rows: 1, derivedPrices: true },
    photo: hard(4.2),
  },
  {
    seed: 124,
    split: 'hard',
    invoice: { layout: 'digital', rows: 3 },
    fault: 'wrong-item-tax',
    photo: hard(-2.2),
  },
];
