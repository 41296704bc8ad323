/** GB 11643-1999: 17 digits and a check character by ISO 7064 MOD 11-2. */
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_CHARACTERS = '10X98765432';
const FORM = /^[1-9]\d{16}[\dX]$/;

export interface CitizenNumber {
  /** `YYYY-MM-DD`; not necessarily a day of the calendar. */
  readonly birthDate: string;
  readonly sex: 'M' | 'F';
}

/** The check character that the first 17 digits ask for. */
export function citizenCheckCharacter(number: string): string {
  const sum = WEIGHTS.reduce((total, weight, index) => total + weight * Number(number.charAt(index)), 0);
  return CHECK_CHARACTERS.charAt(sum % 11);
}

/** What a 公民身份号码 says about its holder, its check character aside; null when it has another form. */
export function readCitizenNumber(number: string): CitizenNumber | null {
  if (!FORM.test(number)) return null;
  const birthDate = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
  return { birthDate, sex: Number(number.charAt(16)) % 2 === 1 ? 'M' : 'F' };
}

/** A well-formed number of somebody born since 1900, with the right check character. */
export function isCitizenNumber(number: string): boolean {
  if (!/^[1-9]\d{5}(19|20)\d{9}[\dX]$/.test(number)) return false;
  return citizenCheckCharacter(number) === number.charAt(17);
}
