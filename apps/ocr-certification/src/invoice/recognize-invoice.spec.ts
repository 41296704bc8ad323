import { readFileSync } from 'node:fs';
import type { Quadrilateral } from '@trivium/contracts/content';
import type { Invoice } from '@trivium/contracts/invoice';
import type { DocumentPage } from '@trivium/contracts/ocr-certification';
import type { TextLine } from '@trivium/contracts/vision-inference';
import { describe, expect, it } from 'vitest';
import { recognizeInvoice } from './recognize-invoice.js';

interface Truth {
  readonly documentType: string;
  readonly fields: Readonly<Record<string, string | null>>;
  readonly items: readonly Readonly<Record<string, string | null>>[];
  readonly verdict: string;
  readonly failedChecks: readonly string[];
}

const TODAY = '2026-11-21';

/** Lines as vision-inference read them from the sample pictures. */
function pageOf(sample: string): DocumentPage {
  const [head = '', ...lines] = readText(`../../test/fixtures/invoice-${sample}.jsonl`).trim().split('\n');
  const { width, height } = JSON.parse(head) as Pick<DocumentPage, 'width' | 'height'>;
  return { page: 1, width, height, lines: lines.map((line) => JSON.parse(line) as TextLine) };
}

const truthOf = (sample: string): Truth =>
  JSON.parse(readText(`../../../../samples/invoices/invoice-${sample}.json`)) as Truth;

const readText = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

function recognize(page: DocumentPage): Invoice {
  const invoice = recognizeInvoice([page], TODAY);
  if (invoice === null) throw new Error('no invoice was recognised');
  return invoice;
}

function fieldsOf(invoice: Invoice): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(invoice.fields).map(([name, field]) => [
      name,
      field === null ? null : (field.normalized ?? field.value),
    ]),
  );
}

function itemsOf(invoice: Invoice): Record<string, string | null>[] {
  return invoice.items.map((item) =>
    Object.fromEntries(
      Object.entries(item).map(([cell, field]) => [
        cell,
        field === null ? null : (field.normalized ?? field.value),
      ]),
    ),
  );
}

/** The stars around a category are small and often not read; blanks have no fixed width. */
const withoutStars = (items: readonly Readonly<Record<string, string | null>>[]): unknown =>
  items.map((item) => ({
    ...item,
    name: item['name']?.replaceAll('*', ''),
    specification: item['specification']?.replaceAll(' ', ''),
  }));

const withLines = (page: DocumentPage, change: (line: TextLine) => readonly TextLine[]): DocumentPage => ({
  ...page,
  lines: page.lines.flatMap(change),
});

describe('recognizeInvoice on recorded lines', () => {
  const samples = ['01', '03', '05', '07', '08', '11', '12', '14', '15', '21', '22', '24'];

  it.each(samples)('reads everything on sample %s and judges it right', (sample) => {
    const truth = truthOf(sample);

    const invoice = recognize(pageOf(sample));

    expect(invoice.documentType.value).toBe(truth.documentType);
    expect(fieldsOf(invoice)).toEqual(truth.fields);
    expect(withoutStars(itemsOf(invoice))).toEqual(withoutStars(truth.items));
    expect(invoice.verdict).toBe(truth.verdict);
    const failures = invoice.checks.filter(({ status }) => status === 'failed').map(({ id }) => id);
    expect(failures.toSorted()).toEqual(truth.failedChecks);
  });

  it('reads the fields of a hard photo whose labels and titles are partly misread', () => {
    expect(fieldsOf(recognize(pageOf('19')))).toEqual(truthOf('19').fields);
  });

  it('gives every field its place, page and source', () => {
    const page = pageOf('01');
    const { total, sellerName } = recognize(page).fields;

    const printed = page.lines.find(({ text }) => text === '￥25354.71');
    expect(total).toMatchObject({ value: '￥25354.71', normalized: '25354.71', page: 1, source: 'ocr' });
    expect(total?.quadrilateral).toEqual(printed?.quadrilateral);
    expect(sellerName?.quadrilateral?.[0][0]).toBeGreaterThan(230);
  });

  it.each([90, 180, -90, 17])('reads the same from a picture turned by %i degrees', (degrees) => {
    const angle = (degrees * Math.PI) / 180;
    const turn = ([x, y]: readonly [number, number]): [number, number] => [
      x * Math.cos(angle) - y * Math.sin(angle) + 2000,
      x * Math.sin(angle) + y * Math.cos(angle) + 2000,
    ];
    const turned = withLines(pageOf('22'), (line) => [
      { ...line, quadrilateral: line.quadrilateral.map(turn) as unknown as Quadrilateral },
    ]);

    expect(fieldsOf(recognize(turned))).toEqual(truthOf('22').fields);
  });

  it('does not depend on the order of the lines or the size of the picture', () => {
    const page = pageOf('11');
    const shuffled: DocumentPage = {
      ...page,
      lines: page.lines.toReversed().map((line) => ({
        ...line,
        quadrilateral: line.quadrilateral.map(([x, y]) => [x * 2.5, y * 2.5]) as unknown as Quadrilateral,
      })),
    };

    expect(fieldsOf(recognize(shuffled))).toEqual(truthOf('11').fields);
    expect(withoutStars(itemsOf(recognize(shuffled)))).toEqual(withoutStars(truthOf('11').items));
  });
});

describe('recognizeInvoice on damaged readings', () => {
  it('joins label and value that were read as one line with their neighbours', () => {
    const page = pageOf('01');
    const code = page.lines.find(({ text }) => text.startsWith('发票代码'));
    const title = page.lines.find(({ text }) => text.startsWith('上海增值税'));
    if (code === undefined || title === undefined) throw new Error('the recording has changed');
    const merged: TextLine = {
      ...title,
      text: `${title.text} ${code.text}`,
      quadrilateral: [
        title.quadrilateral[0],
        code.quadrilateral[1],
        code.quadrilateral[2],
        title.quadrilateral[3],
      ],
    };

    const invoice = recognize({
      ...page,
      lines: [merged, ...page.lines.filter((line) => line !== code && line !== title)],
    });

    expect(invoice.fields.code?.normalized).toBe(truthOf('01').fields['code']);
    expect(invoice.documentType.value).toBe('增值税电子普通发票');
  });

  it('reads full-width figures, missing colons and letters in the place of digits', () => {
    const page = withLines(pageOf('01'), (line) => [
      {
        ...line,
        text: line.text.replace('发票代码：', '发票代码').replace('031002200311', 'O3１OO22OO31１'),
      },
    ]);

    expect(recognize(page).fields.code?.normalized).toBe('031002200311');
  });

  it('leaves an amount as it was read and lets the check fail', () => {
    const page = withLines(pageOf('01'), (line) => [
      { ...line, text: line.text.replace('25354.71', '26354.71') },
    ]);

    const invoice = recognize(page);

    expect(invoice.fields.total?.normalized).toBe('26354.71');
    expect(invoice.verdict).toBe('REJECT');
    expect(invoice.reasons).toEqual(expect.arrayContaining(['net-plus-tax-is-total', 'words-equal-figures']));
  });

  it('does not cut a misread numeral out of the words', () => {
    const page = withLines(pageOf('01'), (line) => [
      { ...line, text: line.text.replace('贰万伍仟', '贰方伍仟') },
    ]);

    const { fields, verdict, reasons } = recognize(page);

    expect(fields.totalInWords).toMatchObject({
      value: expect.stringContaining('贰方伍仟') as string,
      normalized: null,
    });
    expect(verdict).toBe('REVIEW');
    expect(reasons).toEqual(['words-equal-figures']);
  });

  it('finds a name whose label came apart beside the words at the edge of the form', () => {
    const page = withLines(pageOf('03'), (line) => [
      { ...line, text: line.text.replace(/^称：(?=苏州)/, '') },
    ]);

    expect(recognize(page).fields.sellerName?.normalized).toBe(truthOf('03').fields['sellerName']);
  });

  it('finds items when half of the column titles were not read', () => {
    const page = withLines(pageOf('03'), (line) =>
      ['单位', '单价', '税率', '规格型号'].includes(line.text) ? [] : [line],
    );

    expect(withoutStars(itemsOf(recognize(page)))).toEqual(withoutStars(truthOf('03').items));
  });

  it('finds the sums without their label', () => {
    const page = withLines(pageOf('03'), (line) => (/^合/.test(line.text) ? [] : [line]));

    expect(fieldsOf(recognize(page))).toMatchObject({ netAmount: '98999.52', taxAmount: '5939.98' });
  });

  it('finds names and ids without their labels', () => {
    const page = withLines(pageOf('03'), (line) => [
      { ...line, text: line.text.replace(/^称：/, '').replace('纳税人识别号：', '') },
    ]);
    const { sellerName, sellerTaxId, buyerTaxId } = truthOf('03').fields;

    expect(fieldsOf(recognize(page))).toMatchObject({ sellerName, sellerTaxId, buyerTaxId });
  });

  it.each(['26537.89', '26 537.89'])(
    'parts %s, a quantity that ran into its price, by the amount they make',
    (text) => {
      const page = withLines(pageOf('01'), (line) => {
        if (line.text === '537.89') return [];
        const [topLeft, topRight, bottomRight, bottomLeft] = line.quadrilateral;
        return line.text === '26'
          ? [
              {
                ...line,
                text,
                quadrilateral: [
                  topLeft,
                  [topRight[0] + 120, topRight[1]],
                  [bottomRight[0] + 120, bottomRight[1]],
                  bottomLeft,
                ],
              },
            ]
          : [line];
      });

      expect(itemsOf(recognize(page))[0]).toMatchObject({ quantity: '26', unitPrice: '537.89' });
    },
  );

  it('recognises the form without its title, with less confidence', () => {
    const page = withLines(pageOf('11'), (line) => (line.text.includes('电子发票') ? [] : [line]));

    const { documentType, fields } = recognize(page);

    expect(documentType.value).toBe('电子发票（普通发票）');
    expect(documentType.confidence).toBeLessThan(0.6);
    expect(fields.number?.normalized).toBe(truthOf('11').fields['number']);
  });
});

describe('recognizeInvoice on other documents', () => {
  const line = (text: string, index: number): TextLine => ({
    text,
    confidence: 0.99,
    quadrilateral: [
      [50, 40 * index],
      [50 + 18 * text.length, 40 * index],
      [50 + 18 * text.length, 40 * index + 20],
      [50, 40 * index + 20],
    ],
  });
  const page = (...texts: string[]): DocumentPage => ({
    page: 1,
    width: 800,
    height: 1000,
    lines: texts.map(line),
  });

  it.each([
    ['nothing', page()],
    ['an English notice', page('RIVERSIDE READING ROOM', 'Late return fee: $0.25 per day')],
    ['a letter about an invoice', page('关于开具增值税专用发票的通知', '各部门：', '发票号码请填写完整。')],
    ['a price list', page('项目名称 数量 单价 金额', '复印纸 10 25.00 250.00', '合计 250.00')],
  ])('finds no invoice in %s', (_, other) => {
    expect(recognizeInvoice([other], TODAY)).toBeNull();
  });

  it('takes the first page that is an invoice and numbers it', () => {
    const invoice = recognizeInvoice([page('封面'), { ...pageOf('11'), page: 2 }], TODAY);

    expect(invoice?.fields.number?.page).toBe(2);
  });
});
