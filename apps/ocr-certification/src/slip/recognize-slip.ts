import type { Invoice, InvoiceKind } from '@trivium/contracts/invoice';
import type { Row } from '../layout/row.js';
import { KIND_RULES } from '../invoice/kind-rules.js';
import type { ReadInvoice } from '../invoice/read-invoice.js';
import { readMachinePrinted } from './machine-printed.js';
import { readQuota } from './quota.js';
import { readRoll } from './roll.js';
import { SlipFields } from './slip-fields.js';
import { readTaxi } from './taxi.js';
import { readTrain } from './train.js';

type SlipKind = Extract<
  InvoiceKind,
  'vat-roll' | 'quota' | 'machine-printed' | 'train' | 'train-electronic' | 'taxi'
>;

interface SlipRule {
  readonly kind: SlipKind;
  /** Names the kind by itself. */
  readonly title: RegExp;
  /** Words of the form; so many of them name the kind without a title. */
  readonly words: readonly RegExp[];
  readonly enough: number;
}

const RULES: readonly SlipRule[] = [
  {
    kind: 'train-electronic',
    title: /铁路电子客票/,
    words: [/电子客票号/, /票价/, /\d{1,2}车\d/, /[座卧]/, /12306/, /发票号码/],
    enough: 5,
  },
  {
    kind: 'train',
    title: /^$/, // @NOTE the paper ticket has no title of its own
    words: [
      /限乘当日/,
      /\d{1,2}车\d{1,3}/,
      /\d{1,2}:\d\d开/,
      /12306|95306/,
      /中国铁路/,
      /检票/,
      /[商一二]等座|硬[座卧]|软[座卧]/,
    ],
    enough: 3,
  },
  {
    kind: 'taxi',
    title: /出租(?:汽)?车.{0,4}发票|出租车.{0,2}票/,
    words: [/上车/, /下车/, /里程/, /车号|车牌/, /等候/, /单价/, /金额/],
    enough: 5,
  },
  { kind: 'quota', title: /定额发票/, words: [], enough: 1 },
  {
    kind: 'vat-roll',
    title: /卷票/,
    words: [/机打号码/, /机器编号/, /收款员/, /合计金额/, /校验码/],
    enough: 4,
  },
  {
    kind: 'machine-printed',
    title: /机打(?:普通)?发票/,
    words: [/机打代码|机打号码/, /行业分类/, /税控码/],
    enough: 3,
  },
];

/** A ticket, coupon or roll, or null when the page is none of them. */
export function recognizeSlip(rows: readonly Row[], page: number): ReadInvoice | null {
  const texts = rows.map(({ text }) => text.replaceAll(' ', ''));
  for (const rule of RULES) {
    const documentType = judgeKind(rule, rows, texts);
    if (documentType !== null) return read(rule.kind, documentType, new SlipFields(rows, page));
  }
  return null;
}

function judgeKind(
  { kind, title, words, enough }: SlipRule,
  rows: readonly Row[],
  texts: readonly string[],
): Invoice['documentType'] | null {
  const value = KIND_RULES[kind].title;
  const titled = texts.findIndex((text) => text !== '' && title.test(text));
  const found = words.filter((word) => texts.some((text) => word.test(text))).length;
  if (titled !== -1) {
    const row = rows[titled];
    const confidence = row?.read(0, row.text.length)?.confidence ?? 0;
    return { kind, value, confidence };
  }
  if (words.length === 0 || found < enough) return null;
  return { kind, value, confidence: (0.9 * found) / words.length };
}

function read(kind: SlipKind, documentType: Invoice['documentType'], fields: SlipFields): ReadInvoice {
  switch (kind) {
    case 'vat-roll':
      return readRoll(documentType, fields);
    case 'quota':
      return readQuota(documentType, fields);
    case 'machine-printed':
      return readMachinePrinted(documentType, fields);
    case 'train':
    case 'train-electronic':
      return readTrain(documentType, fields);
    case 'taxi':
      return readTaxi(documentType, fields);
  }
}
