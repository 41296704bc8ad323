import { describe, expect, it } from 'vitest';
import { expectedCheckCharacter, judgeTaxId, normalizeTaxId } from './tax-id.js';

const VALID = '91320505MAPAP6EW4K';

describe('judgeTaxId', () => {
  it.each([VALID, '91440305MJX72BQCU7', '91350203MHHE0NTRLB', '11010519491231002X'])('accepts %s', (id) => {
    expect(judgeTaxId(id)).toBe('valid');
  });

  it.each(['310115123456789', '31011512345678901234', '310115123456789ABCDE'])(
    'lets the old form %s pass',
    (id) => {
      expect(judgeTaxId(id)).toBe('legacy');
    },
  );

  it.each(['', '9132050', '91320505MAPAP6EW4', `${VALID}1`, '91320505MAPAP6EI4K'])(
    'refuses the form of %j',
    (id) => {
      expect(judgeTaxId(id)).toBe('malformed');
    },
  );

  it('notices every single wrong character and every swap of neighbours', () => {
    for (let index = 0; index < VALID.length; index += 1) {
      const other = VALID.charAt(index) === '7' ? '8' : '7';
      const wrong = VALID.slice(0, index) + other + VALID.slice(index + 1);
      expect(judgeTaxId(wrong), wrong).toBe('wrong-check-digit');
      const swapped =
        VALID.slice(0, index) + VALID.charAt(index + 1) + VALID.charAt(index) + VALID.slice(index + 2);
      if (index < 17 && swapped !== VALID) expect(judgeTaxId(swapped), swapped).toBe('wrong-check-digit');
    }
  });
});

describe('normalizeTaxId', () => {
  it('drops blanks and takes letters that cannot occur for the ones they resemble', () => {
    expect(normalizeTaxId('9132 0505 MAPAP6 EW4K')).toBe(VALID);
    expect(normalizeTaxId('９１３２０５０５mapap6ew4k')).toBe(VALID);
    expect(normalizeTaxId('9I32O5O5MAPAP6EW4K')).toBe(VALID);
  });

  it('leaves ids of another length as they were read', () => {
    expect(normalizeTaxId('31O11512345678')).toBe('31O11512345678');
  });
});

it('expectedCheckCharacter tells what the last character should be', () => {
  expect(expectedCheckCharacter('91320505MAPAP6EW4')).toBe('K');
});
