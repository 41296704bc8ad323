import type { DocumentField, InvoiceFields, InvoiceItem } from '@trivium/contracts/invoice';
import { describe, expect, it } from 'vitest';
import { checkInvoice } from './checks.js';
import type { CheckedInvoice } from './finding.js';
import { judge } from './verdict.js';

const TODAY = '2026-11-21';

function field(normalized: string | null, changes: Partial<DocumentField> = {}): DocumentField {
  return {
    value: normalized ?? '***',
    normalized,
    confidence: 0.98,
    quadrilateral: null,
    page: 1,
    source: 'ocr',
    ...changes,
  };
}

function item(changes: Partial<InvoiceItem> = {}): InvoiceItem {
  return {
    name: field('*纸制品*复印纸'),
    specification: null,
    unit: field('箱'),
    quantity: field('10'),
    unitPrice: field('100.00'),
    amount: field('1000.00'),
    taxRate: field('13%'),
    taxAmount: field('130.00'),
    ...changes,
  };
}

function invoice(
  fields: Partial<InvoiceFields> = {},
  { items = [item()], ...rest }: Partial<Omit<CheckedInvoice, 'fields'>> = {},
): CheckedInvoice {
  return {
    kind: 'vat-general',
    details: {},
    contradictions: [],
    ...rest,
    items,
    fields: {
      code: field('031002200311'),
      number: field('13515985'),
      date: field('2022-02-05'),
      checkCode: field('69036418185843525047'),
      buyerName: field('上海远帆木信息技术有限公司'),
      buyerTaxId: field('91320505MAPAP6EW4K'),
      sellerName: field('上海海棠屿商贸有限公司'),
      sellerTaxId: field('91440305MJX72BQCU7'),
      netAmount: field('1000.00'),
      taxAmount: field('130.00'),
      totalInWords: field('1130.00', { value: '壹仟壹佰叁拾圆整' }),
      total: field('1130.00'),
      ...fields,
    },
  };
}

const statuses = (checked: CheckedInvoice): Record<string, string> =>
  Object.fromEntries(checkInvoice(checked, TODAY).map(({ check }) => [check.id, check.status]));
const verdictOf = (checked: CheckedInvoice): ReturnType<typeof judge> =>
  judge(checked, checkInvoice(checked, TODAY));

describe('checkInvoice', () => {
  it('passes every rule of a consistent invoice', () => {
    expect(new Set(Object.values(statuses(invoice())))).toEqual(new Set(['passed']));
    expect(verdictOf(invoice())).toEqual({ verdict: 'PASS', reasons: [] });
  });

  it.each<[string, CheckedInvoice, string]>([
    ['items that do not sum to the net amount', invoice({}, { items: [item(), item()] }), 'items-sum-to-net'],
    ['items whose tax does not sum up', invoice({ taxAmount: field('130.07') }), 'items-tax-sums-to-tax'],
    [
      'a tax that the rate does not explain',
      invoice({}, { items: [item({ taxRate: field('6%') })] }),
      'item-tax-matches-rate',
    ],
    [
      'a price that does not explain the amount',
      invoice({}, { items: [item({ quantity: field('9') })] }),
      'item-amount-matches-quantity',
    ],
    ['a wrong total', invoice({ total: field('1130.02') }), 'net-plus-tax-is-total'],
    ['other words than figures', invoice({ totalInWords: field('1110.00') }), 'words-equal-figures'],
    [
      'words that cannot be read',
      invoice({ totalInWords: field(null, { value: '仟叁圆整' }) }),
      'words-equal-figures',
    ],
    ['a code of 11 digits', invoice({ code: field('03100220031') }), 'code-format'],
    ['a number of 7 digits', invoice({ number: field('1351598') }), 'number-format'],
    ['a check code of 19 digits', invoice({ checkCode: field('6903641818584352504') }), 'check-code-format'],
    [
      'a buyer id with a wrong check digit',
      invoice({ buyerTaxId: field('91320505MAPAP6EW4A') }),
      'buyer-tax-id',
    ],
    ['a seller id of 17 characters', invoice({ sellerTaxId: field('91440305MJX72BQCU') }), 'seller-tax-id'],
    ['a date in the future', invoice({ date: field('2026-11-22') }), 'date-plausible'],
    [
      'a day that does not exist',
      invoice({ date: field(null, { value: '2023年02月30日' }) }),
      'date-plausible',
    ],
    [
      'a number printed twice with two readings',
      invoice({}, { contradictions: ['number'] }),
      'number-format',
    ],
  ])('fails %s', (_, checked, id) => {
    expect(statuses(checked)[id]).toBe('failed');
    expect(verdictOf(checked).reasons).toContain(id);
    expect(verdictOf(checked).verdict).not.toBe('PASS');
  });

  it.each<[string, CheckedInvoice]>([
    [
      'a fen of rounding between net, tax and total',
      invoice({ total: field('1130.01'), totalInWords: field('1130.01') }),
    ],
    ['six fen of rounding over the items', invoice({}, { items: [item({ taxAmount: field('130.06') })] })],
    [
      'a price whose printed digits were rounded',
      invoice(
        {},
        { items: [item({ quantity: field('900'), unitPrice: field('1.11'), amount: field('1000.00') })] },
      ),
    ],
    ['an id of the old form', invoice({ buyerTaxId: field('310115123456789') })],
  ])('tolerates %s', (_, checked) => {
    expect(Object.values(statuses(checked))).not.toContain('failed');
  });

  it('takes the stars of an untaxed invoice for zero', () => {
    const untaxed = item({ taxRate: field('免税'), taxAmount: field(null) });
    const checked = invoice(
      { taxAmount: field(null), total: field('1000.00'), totalInWords: field('1000.00') },
      { items: [untaxed] },
    );

    expect(statuses(checked)).toMatchObject({
      'items-tax-sums-to-tax': 'passed',
      'item-tax-matches-rate': 'passed',
      'net-plus-tax-is-total': 'passed',
    });
  });

  it('counts a discount row against the sum', () => {
    const discount = item({
      quantity: null,
      unitPrice: null,
      amount: field('-100.00'),
      taxAmount: field('-13.00'),
    });
    const checked = invoice(
      {
        netAmount: field('900.00'),
        taxAmount: field('117.00'),
        total: field('1017.00'),
        totalInWords: field('1017.00'),
      },
      { items: [item(), discount] },
    );

    expect(new Set(Object.values(statuses(checked)))).toEqual(new Set(['passed']));
  });

  it('does not judge what was not read', () => {
    const checked = invoice({ netAmount: null }, { items: [item({ amount: null, quantity: null })] });

    expect(statuses(checked)).toMatchObject({
      'items-sum-to-net': 'not-applicable',
      'item-amount-matches-quantity': 'not-applicable',
      'net-plus-tax-is-total': 'not-applicable',
    });
    expect(verdictOf(checked)).toEqual({ verdict: 'REVIEW', reasons: ['missing:netAmount'] });
  });

  it('does not sum items of which one amount is missing', () => {
    const checked = invoice({}, { items: [item(), item({ amount: null })] });

    expect(statuses(checked)['items-sum-to-net']).toBe('not-applicable');
  });

  it('asks a fully digital invoice for 20 digits and no codes', () => {
    const digital = invoice(
      { code: null, checkCode: null, number: field('24312000000012345678') },
      { kind: 'digital-general' },
    );

    expect(statuses(digital)).toMatchObject({
      'code-format': 'not-applicable',
      'number-format': 'passed',
      'check-code-format': 'not-applicable',
    });
    expect(verdictOf(digital).verdict).toBe('PASS');
  });

  it('says what it expected', () => {
    const wrong = checkInvoice(
      invoice({ totalInWords: field('1110.00', { value: '壹仟壹佰壹拾圆整' }) }),
      TODAY,
    );

    expect(wrong.find(({ check }) => check.id === 'words-equal-figures')?.check).toMatchObject({
      expected: '壹仟壹佰叁拾圆整',
      actual: '壹仟壹佰壹拾圆整',
    });
  });
});

describe('judge', () => {
  it('rejects a contradiction that was read with certainty', () => {
    expect(verdictOf(invoice({ total: field('1230.00'), totalInWords: field('1230.00') })).verdict).toBe(
      'REJECT',
    );
  });

  it('asks for review when the contradiction may be a reading error', () => {
    const doubtful = invoice({
      total: field('1230.00', { confidence: 0.83 }),
      totalInWords: field('1230.00'),
    });

    expect(verdictOf(doubtful).verdict).toBe('REVIEW');
  });

  it('asks for review when the words are only the end of the right ones', () => {
    const cut = invoice({ totalInWords: field('130.00', { value: '壹佰叁拾圆整' }) });

    expect(verdictOf(cut)).toEqual({ verdict: 'REVIEW', reasons: ['words-equal-figures'] });
  });

  it('does not miss the stars of an invoice without taxed lines', () => {
    const untaxed = invoice(
      { taxAmount: null, total: field('1000.00'), totalInWords: field('1000.00', { value: '壹仟圆整' }) },
      { items: [item({ taxRate: field('免税'), taxAmount: null })] },
    );

    expect(verdictOf(untaxed)).toEqual({ verdict: 'PASS', reasons: [] });
    expect(statuses(untaxed)['net-plus-tax-is-total']).toBe('passed');
    expect(verdictOf(invoice({ taxAmount: null })).reasons).toEqual(['missing:taxAmount']);
  });

  it('asks for review when a value has the wrong form, which readers cause more often than forgers', () => {
    expect(verdictOf(invoice({ number: field('1351598') })).verdict).toBe('REVIEW');
  });

  it('names values that were read without certainty', () => {
    expect(verdictOf(invoice({ buyerName: field('上海远帆木', { confidence: 0.7 }) }))).toEqual({
      verdict: 'REVIEW',
      reasons: ['low-confidence:buyerName'],
    });
  });

  it('does not ask a private buyer for a tax id, but an organisation', () => {
    expect(verdictOf(invoice({ buyerTaxId: null, buyerName: field('个人') })).verdict).toBe('PASS');
    expect(verdictOf(invoice({ buyerTaxId: null })).reasons).toEqual(['missing:buyerTaxId']);
    const special = invoice(
      { buyerTaxId: null, buyerName: field('个人'), checkCode: null },
      { kind: 'vat-special' },
    );
    expect(verdictOf(special).reasons).toEqual(['missing:buyerTaxId']);
  });

  it('asks for items', () => {
    expect(verdictOf(invoice({}, { items: [] })).reasons).toContain('missing:items');
  });
});
