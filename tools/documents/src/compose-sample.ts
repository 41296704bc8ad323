import { composeInvoice } from './invoice/compose-invoice.js';
import type { InvoiceSpecification } from './invoice/specification.js';
import { spoilInvoice } from './invoice/spoil-invoice.js';
import { type InvoiceTruth, truthOf } from './invoice/truth.js';
import type { SamplePlan } from './plan.js';

export interface Sample {
  readonly name: string;
  readonly invoice: InvoiceSpecification;
  readonly truth: InvoiceTruth;
}

/** `index` counts from 0; file names count from 01. */
export function composeSample(plan: SamplePlan, index: number): Sample {
  const name = `invoice-${String(index + 1).padStart(2, '0')}`;
  const honest = composeInvoice(plan.seed, plan.invoice);
  const invoice = plan.fault === undefined ? honest : spoilInvoice(honest, plan.fault);
  const wordsAmount = plan.fault === 'wrong-words' ? (Number(honest.total) - 20).toFixed(2) : invoice.total;
  return { name, invoice, truth: truthOf(`${name}.jpg`, plan.split, invoice, wordsAmount, plan.fault) };
}
