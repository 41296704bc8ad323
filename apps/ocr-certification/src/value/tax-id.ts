import { foldText } from '../layout/fold-character.js';

/** Of the 统一社会信用代码: 31 characters, without I, O, S, V and Z, which look like others. */
const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const PERSON_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** Letters that cannot occur, read as the characters they are mistaken for. */
const MISREAD: Readonly<Record<string, string>> = { O: '0', I: '1', S: '5', Z: '2' };

export function normalizeTaxId(text: string): string {
  const bare = foldText(text)
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '');
  // @NOTE label and value read as lines that overlap repeat the first character
  const doubled = bare.length === 19 && bare.charAt(0) === bare.charAt(1);
  if (doubled && judgeTaxId(bare.slice(1)) === 'valid') return bare.slice(1);
  return bare.length === 18 ? bare.replace(/[OISZ]/g, (letter) => MISREAD[letter] ?? letter) : bare;
}

export type TaxIdStanding = 'valid' | 'legacy' | 'wrong-check-digit' | 'malformed';

/** `legacy`: the 15- and 20-digit ids in use before 2015, which carry nothing to check. */
export function judgeTaxId(id: string): TaxIdStanding {
  if (/^\d{15}$|^\d{20}$|^\d{15}[0-9A-Z]{5}$/.test(id)) return 'legacy';
  if (!/^[0-9A-Z]{18}$/.test(id)) return 'malformed';
  if (isPersonNumber(id)) return 'valid';
  const values = Array.from(id, (character) => ALPHABET.indexOf(character));
  if (values.includes(-1)) return 'malformed';
  return expectedCheckCharacter(id) === id.charAt(17) ? 'valid' : 'wrong-check-digit';
}

/** The check character that the first 17 characters ask for. */
export function expectedCheckCharacter(id: string): string {
  let weight = 1;
  let sum = 0;
  for (const character of id.slice(0, 17)) {
    sum += ALPHABET.indexOf(character) * weight;
    weight = (weight * 3) % 31;
  }
  return ALPHABET.charAt((31 - (sum % 31)) % 31);
}

/** Sole traders invoice under the number of their identity card. */
function isPersonNumber(id: string): boolean {
  if (!/^[1-9]\d{5}(19|20)\d{9}[\dX]$/.test(id)) return false;
  const sum = PERSON_WEIGHTS.reduce((total, weight, index) => total + weight * Number(id.charAt(index)), 0);
  return '10X98765432'.charAt(sum % 11) === id.charAt(17);
}
