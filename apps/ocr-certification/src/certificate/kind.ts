import type { CertificateKind } from '@trivium/contracts/certificates';
import { CERTIFICATE_KINDS } from '@trivium/contracts/certificates';
import { findApproximately } from '../layout/find-approximately.js';
import type { Row } from '../layout/row.js';
import { zoneLines } from './zone-lines.js';

interface Hint {
  readonly text: string;
  readonly weight: number;
}

const hints = (entries: Readonly<Record<string, number>>): Hint[] =>
  Object.entries(entries).map(([text, weight]) => ({ text, weight }));

/** Words that the kind shows, by how much they tell it from the others. */
const HINTS = {
  'professional-certificate': hints({
    资格证书: 1.5,
    职称证书: 1.5,
    操作证: 1.5,
    证书编号: 1.5,
    发证机关: 1,
    批准日期: 1,
    发证日期: 1,
    专业: 1,
    级别: 0.7,
    身份证号: 0.7,
    有效期: 0.5,
    姓名: 0.5,
    性别: 0.3,
  }),
  'identity-card-front': hints({ 公民身份号码: 2.5, 姓名: 0.8, 性别: 0.8, 民族: 1, 住址: 1, 出生: 0.8 }),
  'identity-card-back': hints({ 居民身份证: 2.5, 签发机关: 1.5, 有效期限: 1.5, 中华人民共和国: 0.8 }),
  'business-license': hints({
    营业执照: 2,
    统一社会信用代码: 1,
    法定代表人: 1,
    注册资本: 0.8,
    经营范围: 1,
    登记机关: 0.8,
    成立日期: 0.6,
    营业期限: 0.8,
  }),
  passport: hints({
    passport: 1,
    护照: 1,
    surname: 0.7,
    givennames: 0.7,
    nationality: 0.7,
    dateofbirth: 0.7,
    dateofexpiry: 0.7,
  }),
} as const satisfies Record<CertificateKind, readonly Hint[]>;

const ZONE_LINE = 2;
/** Of this weight and more a kind may be named, */
const ENOUGH = 2.8;
/** and of this it is sure. */
const SURE = 4.5;

/** What kind of certificate the rows show, or null; the confidence says how much of it was seen. */
export function recognizeKind(rows: readonly Row[]): {
  readonly value: CertificateKind | null;
  readonly confidence: number;
} {
  const text = rows.map((row) => row.text.toLowerCase().replace(/\s+/g, '')).join('\n');
  const zone = zoneLines(rows);
  const zoneWeight = [zone.first, zone.second].filter((line) => line !== null).length * ZONE_LINE;
  const [best] = CERTIFICATE_KINDS.map((kind) => ({
    kind,
    weight: weigh(HINTS[kind], text) + (kind === 'passport' ? zoneWeight : 0),
  })).sort((a, b) => b.weight - a.weight);
  if (best === undefined || best.weight < ENOUGH) return { value: null, confidence: 0 };
  return { value: best.kind, confidence: Math.min(1, best.weight / SURE) };
}

function weigh(entries: readonly Hint[], text: string): number {
  return entries.reduce((sum, hint) => {
    const errors = hint.text.length < 5 ? 0 : 1;
    return findApproximately(text, hint.text, errors).length > 0 ? sum + hint.weight : sum;
  }, 0);
}
