/** The two lines of a passport, ICAO 9303 part 4 (TD3). Dates are `YYYY-MM-DD`. */
export interface MachineReadableZone {
  /** Null where the first line was not read. */
  readonly names: { readonly surname: string; readonly givenNames: string } | null;
  readonly documentNumber: string;
  readonly nationality: string;
  readonly birthDate: string | null;
  readonly sex: 'M' | 'F' | null;
  readonly expiryDate: string | null;
  /** Whether each check digit is the one that its characters ask for. */
  readonly digits: Readonly<Record<'documentNumber' | 'birthDate' | 'expiryDate' | 'composite', boolean>>;
}

export const MRZ_LENGTH = 44;
const WEIGHTS = [7, 3, 1];
const FIRST = /^P[A-Z<]([A-Z<]{3})([A-Z<]{39})$/;
const SECOND = /^([A-Z0-9<]{9})(\d)([A-Z<]{3})(\d{6})(\d)([MFX<])(\d{6})(\d)([A-Z0-9<]{14})([\d<])(\d)$/;

/** Sum of values times 7, 3, 1, 7, … modulo 10; letters count from A = 10, the filler nothing. */
export function mrzCheckDigit(characters: string): string {
  const sum = Array.from(characters).reduce(
    (total, character, index) => total + valueOf(character) * (WEIGHTS[index % 3] ?? 0),
    0,
  );
  return String(sum % 10);
}

/**
 * Null when the second line does not have the form. The first has no check digit: it counts as read only
 * when it names the state that the second names. `day` (`YYYY-MM-DD`) tells this century from the last.
 */
export function readMachineReadableZone(
  line1: string,
  line2: string,
  day: string,
): MachineReadableZone | null {
  const first = FIRST.exec(line1);
  const second = SECOND.exec(line2);
  if (second === null) return null;
  const [, number = '', numberDigit, nationality = '', birth = '', birthDigit, sex] = second;
  const [expiry = '', expiryDigit, optional = '', optionalDigit = '', composite] = second.slice(7);
  const whole = `${number}${numberDigit}${birth}${birthDigit}${expiry}${expiryDigit}${optional}${optionalDigit}`;
  return {
    names: first?.[1] === nationality ? namesIn(first[2] ?? '') : null,
    documentNumber: number.replaceAll('<', ''),
    nationality: nationality.replaceAll('<', ''),
    birthDate: birthDay(birth, day),
    sex: sex === 'M' || sex === 'F' ? sex : null,
    expiryDate: isoDay(`20${expiry.slice(0, 2)}`, expiry),
    digits: {
      documentNumber: mrzCheckDigit(number) === numberDigit,
      birthDate: mrzCheckDigit(birth) === birthDigit,
      expiryDate: mrzCheckDigit(expiry) === expiryDigit,
      composite: mrzCheckDigit(whole) === composite,
    },
  };
}

function namesIn(text: string): MachineReadableZone['names'] {
  const [surname = '', ...given] = text.split('<<');
  return { surname: words(surname), givenNames: words(given.join('<')) };
}

/** Nobody is born after today. */
function birthDay(digits: string, day: string): string | null {
  const recent = isoDay(`20${digits.slice(0, 2)}`, digits);
  return recent !== null && recent <= day ? recent : isoDay(`19${digits.slice(0, 2)}`, digits);
}

function isoDay(year: string, digits: string): string | null {
  const iso = `${year}-${digits.slice(2, 4)}-${digits.slice(4, 6)}`;
  return isCalendarDay(iso) ? iso : null;
}

export function isCalendarDay(iso: string): boolean {
  const parsed = new Date(`${iso}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(iso);
}

const words = (text: string): string => text.replace(/<+/g, ' ').trim();

function valueOf(character: string): number {
  if (character === '<') return 0;
  return /\d/.test(character) ? Number(character) : character.charCodeAt(0) - 55;
}
