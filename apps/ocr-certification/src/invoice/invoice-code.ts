import type { DocumentCode } from '@trivium/contracts/ocr-certification';
import { Decimal } from 'decimal.js';

/** What the QR code of a 增值税发票 states, in the canonical form of the fields. */
export interface InvoiceCode {
  readonly code: string | null;
  readonly number: string;
  readonly date: string;
  readonly checkCode: string | null;
  /** Null for types of which it is not known whether the amount is before or after tax. */
  readonly amount: { readonly field: 'netAmount' | 'total'; readonly value: string } | null;
  readonly checksum: { readonly printed: string; readonly computed: string } | null;
  readonly quadrilateral: DocumentCode['quadrilateral'];
}

/** `01,<type>,<code>,<number>,<amount>,<yyyymmdd>,<check code>,<checksum>` with or without a last comma. */
const FORM =
  /^01,(\d{2}),(\d{10}|\d{12})?,(\d{8}|\d{20}),(-?\d+(?:\.\d{1,2})?),(\d{4})(\d{2})(\d{2}),(\d{20})?,([0-9A-F]{1,4})?,?$/;

/** Of the types in the second place: paper and electronic forms state the net amount, fully digital ones the total. */
const AMOUNTS: Readonly<Record<string, 'netAmount' | 'total'>> = {
  '01': 'netAmount', // 增值税专用发票
  '04': 'netAmount', // 增值税普通发票
  '10': 'netAmount', // 增值税电子普通发票
  '31': 'total', // 电子发票（增值税专用发票）
  '32': 'total', // 电子发票（普通发票）
};

/** The first code that is an invoice's, or null. */
export function invoiceCodeAmong(codes: readonly DocumentCode[]): InvoiceCode | null {
  for (const code of codes) {
    const parsed = code.format === 'qrcode' ? parse(code) : null;
    if (parsed !== null) return parsed;
  }
  return null;
}

function parse({ text, quadrilateral }: DocumentCode): InvoiceCode | null {
  const trimmed = text.trim();
  const match = FORM.exec(trimmed);
  if (match === null) return null;
  const [, type = '', code, number = '', amount = '', year, month, day, checkCode, printed] = match;
  const field = AMOUNTS[type];
  return {
    code: code ?? null,
    number,
    date: `${year}-${month}-${day}`,
    checkCode: checkCode ?? null,
    amount: field === undefined ? null : { field, value: new Decimal(amount).toFixed(2) },
    checksum:
      printed === undefined ? null : { printed: printed.padStart(4, '0'), computed: checksumOf(trimmed) },
    quadrilateral,
  };
}

/** CRC-16 with polynomial 0x8005, initially 0, not reflected, over the first seven parts and their commas. */
export function checksumOf(text: string): string {
  const covered = `${text.split(',').slice(0, 7).join(',')},`;
  let register = 0;
  for (const byte of Buffer.from(covered, 'latin1')) {
    register ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) {
      register = (register & 0x8000) === 0 ? register << 1 : (register << 1) ^ 0x8005;
    }
    register &= 0xffff;
  }
  return register.toString(16).toUpperCase().padStart(4, '0');
}
