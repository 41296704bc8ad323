import type { CertificateFieldName } from '@trivium/contracts/certificates';
import { foldText } from '../layout/fold-character.js';
import { normalizeTaxId } from '../value/tax-id.js';
import { lastDayIn, firstDayIn, PERMANENT } from './printed-day.js';

/** Letters that stand for figures where only figures can stand. */
const FIGURES: Readonly<Record<string, string>> = {
  O: '0',
  Q: '0',
  D: '0',
  I: '1',
  L: '1',
  '|': '1',
  Z: '2',
  S: '5',
  B: '8',
};

/** The canonical form of what was printed, or null when it cannot be that field. */
export function normalizeField(name: CertificateFieldName, text: string): string | null {
  return NORMALIZERS[name](text.trim());
}

const bare = (text: string): string => text.replace(/\s+/g, '');
const printedName = (text: string): string | null => {
  const name = bare(text)
    .replace(/^[:：;；.,]+/, '')
    .replaceAll('(', '（')
    .replaceAll(')', '）');
  return name === '' ? null : name;
};
const latin = (text: string): string | null =>
  /[A-Z][A-Z' -]*/.exec(foldText(text).toUpperCase())?.[0].trim() ?? null;
const code = (text: string): string | null =>
  /[A-Z0-9][A-Z0-9-]{3,}/.exec(bare(foldText(text)).toUpperCase())?.[0] ?? null;
const first = (text: string): string | null => firstDayIn(foldText(text));
const last = (text: string): string | null =>
  /长期|永久/.test(text) ? PERMANENT : lastDayIn(foldText(text));

const NORMALIZERS = {
  name: printedName,
  sex: (text) => (/男|^M\b|\/M/i.test(text) ? 'M' : /女|^F\b|\/F/i.test(text) ? 'F' : null),
  ethnicity: (text) => /\p{Script=Han}{1,6}/u.exec(bare(text))?.[0] ?? null,
  birthDate: first,
  address: printedName,
  idNumber: citizenNumber,
  certificateNumber: code,
  profession: printedName,
  level: printedName,
  issuer,
  issueDate: first,
  expiryDate: last,
  creditCode: (text) => {
    const id = normalizeTaxId(text);
    return id.length < 15 ? null : id;
  },
  companyType: printedName,
  legalRepresentative: printedName,
  registeredCapital: printedName,
  establishedDate: first,
  businessScope: printedName,
  passportNumber: (text) => /[A-Z0-9]{7,9}/.exec(bare(foldText(text)).toUpperCase())?.[0] ?? null,
  surname: latin,
  givenNames: latin,
  nationality: latin,
  mrzLine1: (text) => text,
  mrzLine2: (text) => text,
} as const satisfies Record<CertificateFieldName, (text: string) => string | null>;

/** What a seal leaves behind the name of an office is one character or two. */
const OFFICE = /^(.*(?:厅|局|部|院|会|中心|公司|处|办公室|大学|政府))\p{Script=Han}{0,2}$/u;

function issuer(text: string): string | null {
  if (!/\p{Script=Han}/u.test(text)) return text === '' ? null : text.replace(/\s+/g, ' ');
  const name = printedName(text);
  return name === null ? null : (OFFICE.exec(name)?.[1] ?? name);
}

function citizenNumber(text: string): string | null {
  const characters = bare(foldText(text))
    .toUpperCase()
    .replace(/[^0-9A-Z|]/g, '');
  if (characters.length < 15) return null;
  const figures = Array.from(characters, (character, index) =>
    character === 'X' && index === characters.length - 1 ? 'X' : (FIGURES[character] ?? character),
  );
  return figures.join('');
}
