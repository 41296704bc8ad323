import type { CertificateFields } from '@trivium/contracts/certificates';
import { citizenCheckCharacter, readCitizenNumber } from '../value/citizen-number.js';
import { CREDIT_CODE_ALPHABET, creditCodeCheckCharacter } from '../value/credit-code.js';
import { isCalendarDay } from '../value/machine-readable-zone.js';
import { type Finding, Inputs } from './finding.js';

/** The number of a citizen, and what the page says beside it. `day` is today, `YYYY-MM-DD`. */
export function checkCitizenNumber(fields: CertificateFields, day: string): Finding[] {
  return [checkForm(fields, day), checkCheckDigit(fields), checkBirthDate(fields), checkSex(fields)];
}

function checkForm(fields: CertificateFields, day: string): Finding {
  const inputs = new Inputs('id-number-format', fields, ['idNumber']);
  const number = inputs.value('idNumber');
  if (number === null) return inputs.notApplicable('The number was not read.');
  const told = readCitizenNumber(number);
  if (told === null) {
    return inputs.failed('The number must have 17 digits and a digit or X.', {
      grave: false,
      actual: number,
    });
  }
  return isCalendarDay(told.birthDate) && told.birthDate <= day
    ? inputs.passed('The number has the right form and holds a day on which somebody can be born.')
    : inputs.failed('The day of birth in the number is none.', { grave: true, actual: told.birthDate });
}

function checkCheckDigit(fields: CertificateFields): Finding {
  const inputs = new Inputs('id-number-check-digit', fields, ['idNumber']);
  const number = inputs.value('idNumber');
  if (number === null || readCitizenNumber(number) === null) {
    return inputs.notApplicable('There is no number of the right form to check.');
  }
  const expected = citizenCheckCharacter(number);
  const actual = number.charAt(17);
  return expected === actual
    ? inputs.passed('The check character fits the digits.')
    : inputs.failed('The check character does not fit the digits.', { grave: true, expected, actual });
}

function checkBirthDate(fields: CertificateFields): Finding {
  const inputs = new Inputs('birth-date-matches-id-number', fields, ['birthDate', 'idNumber']);
  const told = readCitizenNumber(inputs.value('idNumber') ?? '');
  const printed = inputs.value('birthDate');
  if (told === null || printed === null || !/^\d{4}-\d{2}/.test(printed)) {
    return inputs.notApplicable('The date of birth and the number were not both read.');
  }
  // a month without a day, as some certificates print it, agrees with every day in it
  return told.birthDate.startsWith(printed)
    ? inputs.passed('The date of birth is the one in the number.')
    : inputs.failed('The date of birth is not the one in the number.', {
        grave: true,
        expected: told.birthDate,
        actual: printed,
      });
}

function checkSex(fields: CertificateFields): Finding {
  const inputs = new Inputs('sex-matches-id-number', fields, ['sex', 'idNumber']);
  const told = readCitizenNumber(inputs.value('idNumber') ?? '');
  const printed = inputs.value('sex');
  if (told === null || printed === null) {
    return inputs.notApplicable('The sex and the number were not both read.');
  }
  return told.sex === printed
    ? inputs.passed('The sex is the one in the number.')
    : inputs.failed('The sex is not the one in the number.', {
        grave: true,
        expected: told.sex,
        actual: printed,
      });
}

export function checkCreditCode(fields: CertificateFields): Finding {
  const inputs = new Inputs('credit-code-check-digit', fields, ['creditCode']);
  const code = inputs.value('creditCode');
  if (code === null) return inputs.notApplicable('The code was not read.');
  const wellFormed =
    code.length === 18 && Array.from(code).every((character) => CREDIT_CODE_ALPHABET.includes(character));
  if (!wellFormed) {
    return inputs.failed('The code must have 18 characters of its alphabet.', { grave: false, actual: code });
  }
  const expected = creditCodeCheckCharacter(code);
  return expected === code.charAt(17)
    ? inputs.passed('The check character fits the others.')
    : inputs.failed('The check character does not fit the others.', {
        grave: true,
        expected,
        actual: code.charAt(17),
      });
}
