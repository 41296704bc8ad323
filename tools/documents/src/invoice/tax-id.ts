import { type Random } from './random.js';

/** The alphabet of the 统一社会信用代码: no I, O, S, V, Z. */
const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const REGIONS = ['310115', '330106', '320505', '440305', '110108', '510107', '420111', '350203'];

/** A code with a right check digit that belongs to nobody in particular. */
export function inventTaxId(random: Random): string {
  const organisation = Array.from({ length: 9 }, (_, index) =>
    index < 2 && random.next() < 0.6 ? 'MA'.charAt(index) : ALPHABET.charAt(random.integer(0, 30)),
  ).join('');
  const body = `91${random.pick(REGIONS)}${organisation}`;
  return body + checkCharacter(body);
}

/** The same code with another check digit. */
export function spoilTaxId(taxId: string): string {
  const last = ALPHABET.indexOf(taxId.slice(-1));
  return taxId.slice(0, -1) + ALPHABET.charAt((last + 7) % 31);
}

function checkCharacter(body: string): string {
  let weight = 1;
  let sum = 0;
  for (const character of body) {
    sum += ALPHABET.indexOf(character) * weight;
    weight = (weight * 3) % 31;
  }
  return ALPHABET.charAt((31 - (sum % 31)) % 31);
}
