import { MRZ_LENGTH } from '@trivium/evidence/value';
import { foldText } from '../layout/fold-character.js';
import type { Row } from '../layout/row.js';
import type { Cell } from './cells.js';

export interface ZoneLine extends Cell {
  /** 44 characters. */
  readonly text: string;
}

const TO_FIGURE: Readonly<Record<string, string>> = {
  O: '0',
  Q: '0',
  D: '0',
  I: '1',
  L: '1',
  Z: '2',
  S: '5',
  B: '8',
  G: '6',
};
const TO_LETTER: Readonly<Record<string, string>> = {
  '0': 'O',
  '1': 'I',
  '2': 'Z',
  '5': 'S',
  '8': 'B',
  '6': 'G',
};
const FEWEST_CHARACTERS = 30;
/** Number and digit, state, birth and digit, sex, expiry and digit. */
const HEAD = /^([A-Z0-9<]{9})(.)(.{3})(.{6})(.)([MFX<])(.{6})(.)(.*)$/;

/** The two lines of a machine-readable zone among the rows, repaired where position allows only one reading. */
export function zoneLines(rows: readonly Row[]): {
  readonly first: ZoneLine | null;
  readonly second: ZoneLine | null;
} {
  const candidates = rows.flatMap((row): ZoneLine[] => {
    const reading = row.read(0, row.text.length);
    const text = foldText(reading?.text ?? '')
      .toUpperCase()
      .replace(/[《«〈]/g, '<')
      .replace(/\s+/g, '');
    return reading !== null &&
      text.length >= FEWEST_CHARACTERS &&
      /^[A-Z0-9<]+$/.test(text) &&
      text.includes('<')
      ? [{ reading, row, text }]
      : [];
  });
  const first = candidates.find(({ text }) => /^P[A-Z<]/.test(text) && /<<[<KLC]*$/.test(text));
  const second = candidates.find((line) => line !== first && repairSecond(line.text) !== null);
  return {
    first: first === undefined ? null : { ...first, text: repairFirst(first.text) },
    second: second === undefined ? null : { ...second, text: repairSecond(second.text) ?? second.text },
  };
}

/** Only letters and fillers stand in the first line; fillers at its end are miscounted, or read as letters like them. */
function repairFirst(text: string): string {
  const letters = replaceAll(text.replace(/<<[<KLC]*$/, ''), TO_LETTER);
  return letters.slice(0, MRZ_LENGTH).padEnd(MRZ_LENGTH, '<');
}

/** Figures stand where dates and check digits stand, letters where the state stands. */
function repairSecond(text: string): string | null {
  const match = HEAD.exec(text);
  if (match === null) return null;
  const [, number = '', digit = '', state = '', birth = '', birthDigit = '', sex = ''] = match;
  const [expiry = '', expiryDigit = '', rest = ''] = match.slice(7);
  const dates = [birth, birthDigit, sex, expiry, expiryDigit].map((part) =>
    part === sex ? part : replaceAll(part, TO_FIGURE),
  );
  const head = number + replaceAll(digit, TO_FIGURE) + replaceAll(state, TO_LETTER) + dates.join('');
  if (!/^[A-Z0-9<]{9}\d[A-Z<]{3}\d{7}[MFX<]\d{7}$/.test(head)) return null;
  const end = replaceAll(rest.slice(-1), TO_FIGURE);
  if (!/^\d$/.test(end)) return null;
  return head + optionalData(rest.slice(0, -1)) + end;
}

/** 14 characters and their check digit; the number of fillers in between is what readers miscount. */
function optionalData(text: string): string {
  const [, data = '', digit = ''] = /^(.*?)<*(\d?)$/.exec(text) ?? [];
  if (text.length === 15) return text;
  return data.slice(0, 14).padEnd(14, '<') + (digit === '' ? '<' : digit);
}

const replaceAll = (text: string, table: Readonly<Record<string, string>>): string =>
  Array.from(text, (character) => table[character] ?? character).join('');
