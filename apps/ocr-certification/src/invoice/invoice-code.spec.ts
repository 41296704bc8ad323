import { describe, expect, it } from 'vitest';
import { checksumOf, invoiceCodeAmong } from './invoice-code.js';

const at = (text: string, format = 'qrcode') =>
  ({
    format,
    text,
    quadrilateral: [
      [1, 1],
      [9, 1],
      [9, 9],
      [1, 9],
    ],
  }) as const;
const among = (...texts: string[]) =>
  invoiceCodeAmong(texts.map((text) => structuredClone(at(text)) as never));

describe('invoiceCodeAmong', () => {
  it.each([
    ['01,04,044031900111,12345678,100.5,20190613,12345678901234567890,1A2B,', 'netAmount', '100.50'],
    ['01,01,3100201130,12345678,-88.00,20200101,,1A2B', 'netAmount', '-88.00'],
    ['01,32,,23422100000709286443,1234.5,20241126,,6A1F', 'total', '1234.50'],
  ])('reads %s', (text, field, value) => {
    expect(among('https://example.com', text)).toMatchObject({ amount: { field, value } });
  });

  it('reads code, number, date and check code', () => {
    expect(among('01,10,044031900111,12345678,100.50,20190613,12345678901234567890,1A2B,')).toMatchObject({
      code: '044031900111',
      number: '12345678',
      date: '2019-06-13',
      checkCode: '12345678901234567890',
      checksum: { printed: '1A2B' },
    });
  });

  it('knows no amount of a type that may state either', () => {
    expect(among('01,15,044031900111,12345678,100.50,20190613,,')).toMatchObject({
      amount: null,
      checksum: null,
    });
  });

  it.each([
    '',
    'hello',
    '02,10,044031900111,12345678,1,20190613,,',
    '01,10,044031900111,1234567,1,20190613,,',
  ])('takes %j for no invoice', (text) => {
    expect(among(text)).toBeNull();
  });

  it('looks at QR codes alone', () => {
    const text = '01,32,,23422100000709286443,1234.5,20241126,,6A1F';

    expect(invoiceCodeAmong([structuredClone(at(text, 'datamatrix')) as never])).toBeNull();
  });
});

describe('checksumOf', () => {
  it('covers the first seven parts and their commas, whatever follows', () => {
    const text = '01,10,044031900111,12345678,100.50,20190613,12345678901234567890,';

    expect(checksumOf(`${text}1A2B,`)).toBe(checksumOf(text));
    expect(checksumOf(text.replace('100.50', '900.50'))).not.toBe(checksumOf(text));
  });

  it('is the CRC-16 whose check value of 123456789 is FEE8', () => {
    // the published check value is over the digits alone; here the comma follows, so one step is taken back
    expect(checksumOf('123456789')).toBe(crcWith('123456789,'));
    expect(crcWith('123456789')).toBe('FEE8');
  });
});

/** The same polynomial, divided bit by bit as on paper. */
function crcWith(text: string): string {
  const bits = [...Buffer.from(text)].flatMap((byte) =>
    Array.from({ length: 8 }, (_, i) => (byte >> (7 - i)) & 1),
  );
  const padded = [...bits, ...Array<number>(16).fill(0)];
  const divisor = [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1];
  for (let index = 0; index < bits.length; index += 1) {
    if (padded[index] === 0) continue;
    divisor.forEach((bit, offset) => {
      padded[index + offset] = (padded[index + offset] ?? 0) ^ bit;
    });
  }
  return Number.parseInt(padded.slice(-16).join(''), 2).toString(16).toUpperCase().padStart(4, '0');
}
