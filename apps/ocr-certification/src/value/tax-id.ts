import {
  CREDIT_CODE_ALPHABET,
  creditCodeCheckCharacter as expectedCheckCharacter,
  isCitizenNumber,
} from '@trivium/evidence/value';
import { foldText } from '../layout/fold-character.js';

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
  // sole traders invoice under the number of their identity card
  if (isCitizenNumber(id)) return 'valid';
  const values = Array.from(id, (character) => CREDIT_CODE_ALPHABET.indexOf(character));
  if (values.includes(-1)) return 'malformed';
  return expectedCheckCharacter(id) === id.charAt(17) ? 'valid' : 'wrong-check-digit';
}

export { expectedCheckCharacter };
