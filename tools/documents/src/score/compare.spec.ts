import type { DocumentField, Invoice } from '@trivium/contracts/invoice';
import { describe, expect, it } from 'vitest';
import { composeSample } from '../compose-sample.js';
import type { InvoiceTruth } from '../invoice/truth.js';
import { SAMPLES } from '../plan.js';
import { addTallies, compareInvoice } from './compare.js';

const plan = SAMPLES[3];
if (plan === undefined) throw new Error('the plan is too short');
const { truth } = composeSample(plan, 3);

const field = (value: string | null): DocumentField | null =>
  value === null
    ? null
    : { value: 'as printed', normalized: value, confidence: 1, quadrilateral: null, page: 1, source: 'ocr' };

const record = (values: Readonly<Record<string, string | null>>): unknown =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, field(value)]));

function perfect(of: InvoiceTruth): Invoice {
  return {
    documentType: { kind: 'vat', value: of.documentType, confidence: 1 },
    details: {},
    fields: record(of.fields) as Invoice['fields'],
    items: of.items.map((item) => record(item) as Invoice['items'][number]),
    checks: [],
    verdict: of.verdict,
    reasons: [],
  };
}

describe('compareInvoice', () => {
  it('finds nothing wrong with a perfect reading', () => {
    const score = compareInvoice(truth, perfect(truth));

    expect(score.mistakes).toEqual([]);
    expect(score.fields).toEqual({ right: 12, of: 12 });
    expect(score.cells).toEqual({ right: 16, of: 16 });
  });

  it('counts a wrong, a missing and an invented value, and a row too many', () => {
    const invoice = perfect(truth);
    invoice.fields.total = field('1.00');
    invoice.fields.number = null;
    invoice.fields.code = field('031002200311');
    invoice.items.push(invoice.items[0] as Invoice['items'][number]);

    const score = compareInvoice(truth, invoice);

    expect(score.fields).toEqual({ right: 9, of: 12 });
    expect(score.cells).toEqual({ right: 16, of: 17 });
    expect(score.mistakes.map(({ value }) => value)).toEqual(['code', 'number', 'total', 'items.length']);
  });

  it('counts everything wrong when no invoice was found', () => {
    const { fields, cells, verdicts } = compareInvoice(truth, null);

    // code and check code are not on a digital invoice, so not reading them is right
    expect(fields.right).toBe(2);
    expect(addTallies([cells, verdicts]).right).toBe(cells.right);
  });
});
