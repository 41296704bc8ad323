import { expect, it } from 'vitest';
import { citizenCheckCharacter, isCitizenNumber, readCitizenNumber } from './citizen-number.js';
import { creditCodeCheckCharacter } from './credit-code.js';
import { isCalendarDay, mrzCheckDigit, readMachineReadableZone } from './machine-readable-zone.js';

const LINE1 = 'P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<';
const LINE2 = 'L898902C36UTO7408122F1204159ZE184226B<<<<<10';
const TODAY = '2026-11-27';

it('checks the example of GB 11643', () => {
  expect(citizenCheckCharacter('11010519491231002')).toBe('X');
  expect(isCitizenNumber('11010519491231002X')).toBe(true);
  expect(isCitizenNumber('110105194912310021')).toBe(false);
});

it.each([
  ['11010519491231002X', { birthDate: '1949-12-31', sex: 'F' }],
  ['440524188001010014', { birthDate: '1880-01-01', sex: 'M' }],
  ['1101051949123100', null],
  ['A1010519491231002X', null],
])('reads birth and sex out of %s', (number, told) => {
  expect(readCitizenNumber(number)).toEqual(told);
});

it('checks a credit code', () => {
  expect(creditCodeCheckCharacter('91350100M000100Y43')).toBe('3');
});

it('reads the specimen of ICAO 9303', () => {
  expect(readMachineReadableZone(LINE1, LINE2, TODAY)).toEqual({
    names: { surname: 'ERIKSSON', givenNames: 'ANNA MARIA' },
    documentNumber: 'L898902C3',
    nationality: 'UTO',
    birthDate: '1974-08-12',
    sex: 'F',
    expiryDate: '2012-04-15',
    digits: { documentNumber: true, birthDate: true, expiryDate: true, composite: true },
  });
});

it.each([
  ['documentNumber', 'L898902C37UTO7408122F1204159ZE184226B<<<<<10'],
  ['birthDate', 'L898902C36UTO7408123F1204159ZE184226B<<<<<10'],
  ['expiryDate', 'L898902C36UTO7408122F1204158ZE184226B<<<<<10'],
  ['composite', 'L898902C36UTO7408122F1204159ZE184226B<<<<<11'],
] as const)('finds a wrong check digit: %s', (name, line2) => {
  expect(readMachineReadableZone(LINE1, line2, TODAY)?.digits[name]).toBe(false);
});

it('takes the century in which somebody can have been born', () => {
  const digit = mrzCheckDigit('270101');
  const line2 = `L898902C36UTO270101${digit}F1204159ZE184226B<<<<<10`;
  expect(readMachineReadableZone(LINE1, line2, TODAY)?.birthDate).toBe('1927-01-01');
});

it('refuses lines of another form', () => {
  expect(readMachineReadableZone(LINE1, LINE2.slice(1), TODAY)).toBeNull();
});

it('takes the first line only when it names the state of the second', () => {
  expect(readMachineReadableZone(LINE1.replace('UTO', 'XTO'), LINE2, TODAY)?.names).toBeNull();
  expect(readMachineReadableZone('', LINE2, TODAY)?.documentNumber).toBe('L898902C3');
});

it('knows the calendar', () => {
  expect(isCalendarDay('2024-02-29')).toBe(true);
  expect(isCalendarDay('2025-02-29')).toBe(false);
});
