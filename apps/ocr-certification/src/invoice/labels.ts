import { findApproximately } from '../layout/find-approximately.js';
import type { Reading, Row } from '../layout/row.js';

export type LabelName =
  | 'code'
  | 'number'
  | 'date'
  | 'checkCode'
  | 'machineNumber'
  | 'partyName'
  | 'taxId'
  | 'address'
  | 'bank'
  | 'sum'
  | 'grandTotal'
  | 'figures'
  | 'payee'
  | 'reviewer'
  | 'issuer'
  | 'seal';

interface LabelRule {
  readonly name: LabelName;
  readonly text: string;
  /** Tells the label from its neighbours, so it must have been read right. */
  readonly key?: string;
  /** Characters that may be wrong, where it is not what the length allows. */
  readonly errors?: number;
  /** The character before the label must not be one of these. */
  readonly notAfter?: string;
}

const RULES: readonly LabelRule[] = [
  { name: 'code', text: '发票代码', key: '代' },
  { name: 'number', text: '发票号码', key: '号' },
  { name: 'date', text: '开票日期', key: '期' },
  { name: 'checkCode', text: '校验码', key: '校', errors: 1 },
  { name: 'machineNumber', text: '机器编号' },
  { name: 'partyName', text: '名称', notAfter: '务目品物' },
  { name: 'partyName', text: '名称:', key: '名', errors: 1, notAfter: '务目品物' },
  { name: 'partyName', text: '称:', notAfter: '名' },
  { name: 'taxId', text: '统一社会信用代码/纳税人识别号' },
  { name: 'taxId', text: '统一社会信用代码' },
  { name: 'taxId', text: '纳税人识别号' },
  { name: 'address', text: '地址、电话' },
  { name: 'bank', text: '开户行及账号' },
  { name: 'sum', text: '合计', notAfter: '税' },
  { name: 'grandTotal', text: '价税合计(大写)' },
  { name: 'grandTotal', text: '价税合计' },
  { name: 'figures', text: '(小写)' },
  { name: 'figures', text: '小写' },
  { name: 'payee', text: '收款人' },
  { name: 'reviewer', text: '复核:' },
  { name: 'issuer', text: '开票人' },
  { name: 'seal', text: '销售方:(章)' },
];

export interface Label {
  readonly name: LabelName;
  readonly start: number;
  readonly end: number;
  readonly errors: number;
}

/** A row and the labels found in it, from left to right. */
export interface LabelledRow {
  readonly row: Row;
  readonly labels: readonly Label[];
}

export function labelRow(row: Row): LabelledRow {
  const found = RULES.flatMap((rule) =>
    findApproximately(row.text, rule.text, rule.errors ?? tolerance(rule.text))
      .filter((match) => fits(rule, row.text, match))
      .map((match) => ({ ...match, name: rule.name, weight: rule.text.length - 2 * match.errors })),
  ).sort((a, b) => b.weight - a.weight);
  const kept: Label[] = [];
  for (const { name, start, end, errors } of found) {
    if (kept.every((label) => end <= label.start || start >= label.end))
      kept.push({ name, start, end, errors });
  }
  return { row, labels: kept.sort((a, b) => a.start - b.start) };
}

/** Short labels must be read exactly; long ones may have one character in three wrong. */
const tolerance = (text: string): number =>
  text.length < 6 ? Math.floor(text.length / 4) : Math.floor(text.length / 3);

function fits(rule: LabelRule, text: string, match: { start: number; end: number }): boolean {
  if (rule.key !== undefined && !text.slice(match.start, match.end).includes(rule.key)) return false;
  const before = text.slice(0, match.start).trimEnd().at(-1);
  return rule.notAfter === undefined || before === undefined || !rule.notAfter.includes(before);
}

/** The value may stand this many line heights after its label. */
const FARTHEST = 9;
/** A gap of this many line heights ends a value. */
const ENDS_VALUE = 1.8;
/** Words that run down beside the blocks of the form, one character in each row. */
const UPRIGHT_WORDS = '购买销售方信息密码区备注';

/** What is printed to the right of a label, up to the next label or a wide gap. */
export function valueAfter({ row, labels }: LabelledRow, label: Label): Reading | null {
  let start = label.end;
  while (start < row.text.length && /[\s:;.,]/.test(row.text.charAt(start))) {
    if (row.gapAt(start) > FARTHEST) return null;
    start += 1;
  }
  const next = labels.find((other) => other.start >= start && other !== label)?.start ?? row.text.length;
  let end = start;
  while (end < next && row.gapAt(end) < ENDS_VALUE) end += 1;
  const printed = row.text.slice(start, end).trimEnd();
  const stray = new RegExp(`\\s[${UPRIGHT_WORDS}]$`).test(printed);
  return row.read(start, start + printed.length - (stray ? 1 : 0));
}
