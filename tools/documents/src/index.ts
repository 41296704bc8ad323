export { type InvoiceTruth, type Split } from './invoice/truth.js';
export { CATALOGUE, DRAWN_KINDS, type DrawnKind } from './document/catalogue.js';
export type { DocumentTruth } from './document/document.js';
export { type Degree, DEGREES, SET_SPLITS, type SetSplit } from './document/splits.js';
export { type SetEntry, type SetWishes, writeSet } from './document/write-set.js';
export { FONTS, registerFonts } from './drawing/sheet.js';
export { RunningServices } from './score/running-services.js';
export { compareDocument, type Comparison } from './score/compare-document.js';
