import { mrzCheckDigit } from '@trivium/evidence/value';
import { type Random } from '../invoice/random.js';
import { consequence } from './consequence.js';
import { addYears } from './dates.js';
import { inventDay, inventPerson, otherDay } from './people.js';
import type { ComposedCertificate, Forgery } from './specification.js';

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'] as const;
/** Code of a state that there is not, for specimens (ICAO 9303). */
const STATE = 'UTO';

export function composePassport(random: Random, forgery: Forgery | null): ComposedCertificate {
  const { surname, givenNames, sex, birthDate } = inventPerson(random);
  const passportNumber =
    `${random.pick(['E', 'G', 'K'])}${random.pick(['A', 'B', 'J', ''])}${random.digits(8)}`.slice(0, 9);
  const issueDate = forgery === 'expired' ? inventDay(random, 2012, 2014) : inventDay(random, 2018, 2025);
  const expiryDate = addYears(issueDate, 10);
  const printedBirth = forgery === 'other-birth-date' ? otherDay(birthDate) : birthDate;
  const mrzLine1 = `P<${STATE}${surname}<<${givenNames}`.padEnd(44, '<');
  const mrzLine2 = secondLine(passportNumber, birthDate, sex, expiryDate, forgery === 'wrong-check-digit');
  return {
    specification: {
      layout: 'passport',
      kind: 'passport',
      title: '护照 PASSPORT',
      printed: {
        passportNumber,
        surname,
        givenNames,
        nationality: STATE,
        sex,
        birthDate: latinDay(printedBirth),
        issueDate: latinDay(issueDate),
        expiryDate: latinDay(expiryDate),
        issuer: random.pick(['UTOPIA PASSPORT OFFICE', 'MINISTRY OF EXAMPLES']),
        placeOfBirth: random.pick(['EXAMPLE CITY', 'SAMPLETON', 'TESTFORD']),
        mrzLine1,
        mrzLine2,
      },
      portraitSeed: random.integer(1, 1e6),
    },
    fields: {
      passportNumber,
      surname,
      givenNames,
      nationality: STATE,
      sex,
      birthDate: printedBirth,
      issueDate,
      expiryDate,
      mrzLine1,
      mrzLine2,
    },
    ...consequence(forgery, 'mrz-document-number', 'mrz-matches-print'),
  };
}

function secondLine(
  passportNumber: string,
  birthDate: string,
  sex: 'M' | 'F',
  expiryDate: string,
  spoilt: boolean,
): string {
  const number = passportNumber.padEnd(9, '<');
  const right = mrzCheckDigit(number);
  const numberDigit = spoilt ? String((Number(right) + 4) % 10) : right;
  const birth = birthDate.slice(2).replaceAll('-', '');
  const expiry = expiryDate.slice(2).replaceAll('-', '');
  const optional = ''.padEnd(14, '<');
  const front = `${number}${numberDigit}`;
  const dates = `${birth}${mrzCheckDigit(birth)}${sex}${expiry}${mrzCheckDigit(expiry)}`;
  const composite = mrzCheckDigit(`${front}${dates.replace(/[MF]/, '')}${optional}<`);
  return `${front}${STATE}${dates}${optional}<${composite}`;
}

function latinDay(date: string): string {
  const [year = '', month = '', day = ''] = date.split('-');
  return `${day} ${MONTHS[Number(month) - 1] ?? ''} ${year}`;
}
