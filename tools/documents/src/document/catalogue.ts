import type { InvoiceKind } from '@trivium/contracts/invoice';
import { composeCommercial } from '../commercial/invoice.js';
import { composeReceipt } from '../commercial/receipt.js';
import { composeMachinePrinted } from '../slip/machine-printed.js';
import { composeQuota } from '../slip/quota.js';
import { composeRoll } from '../slip/roll.js';
import { composeTaxi } from '../slip/taxi.js';
import { composeElectronicTrain, composeTrain } from '../slip/train.js';
import { composeVat } from './compose-vat.js';
import type { ComposedDocument } from './document.js';

/** Every kind that is drawn; the seed decides layout, faces, values and whether a statement is untrue. */
export const CATALOGUE = {
  'vat-general': (seed) => composeVat('vat-general', seed),
  'vat-special': (seed) => composeVat('vat-special', seed),
  'digital-general': (seed) => composeVat('digital-general', seed),
  'digital-special': (seed) => composeVat('digital-special', seed),
  'vat-roll': composeRoll,
  quota: composeQuota,
  'machine-printed': composeMachinePrinted,
  train: composeTrain,
  'train-electronic': composeElectronicTrain,
  taxi: composeTaxi,
  commercial: composeCommercial,
  receipt: composeReceipt,
} as const satisfies Partial<Record<InvoiceKind, (seed: number) => ComposedDocument>>;

export type DrawnKind = keyof typeof CATALOGUE;
export const DRAWN_KINDS = Object.keys(CATALOGUE) as DrawnKind[];
