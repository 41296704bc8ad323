import type {
  CertificateCheckId,
  CertificateFieldName,
  CertificateFields,
} from '@trivium/contracts/certificates';
import { type MachineReadableZone, readMachineReadableZone } from '../value/machine-readable-zone.js';
import { type Finding, Inputs } from './finding.js';

const LINES = ['mrzLine1', 'mrzLine2'] as const;
const DIGITS = [
  ['mrz-document-number', 'documentNumber', 'number'],
  ['mrz-birth-date', 'birthDate', 'date of birth'],
  ['mrz-expiry-date', 'expiryDate', 'date of expiry'],
  ['mrz-composite', 'composite', 'second line'],
] as const satisfies readonly (readonly [CertificateCheckId, keyof MachineReadableZone['digits'], string])[];

/** The check digits of the machine-readable zone, and whether the page says the same as the zone. */
export function checkZone(fields: CertificateFields, day: string): Finding[] {
  const lines = new Inputs('mrz-format', fields, LINES);
  const zone = readMachineReadableZone(lines.value('mrzLine1') ?? '', lines.value('mrzLine2') ?? '', day);
  return [
    checkForm(fields, zone),
    ...DIGITS.map(([id, name, what]) => {
      const inputs = new Inputs(id, fields, ['mrzLine2']);
      if (zone === null) return inputs.notApplicable('The machine-readable zone was not read.');
      return zone.digits[name]
        ? inputs.passed(`The check digit of the ${what} fits.`)
        : inputs.failed(`The check digit of the ${what} does not fit.`, { grave: name !== 'composite' });
    }),
    checkPrint(fields, zone),
  ];
}

function checkForm(fields: CertificateFields, zone: MachineReadableZone | null): Finding {
  const inputs = new Inputs('mrz-format', fields, LINES);
  if (fields.mrzLine2 == null) return inputs.notApplicable('The machine-readable zone was not read.');
  return zone === null
    ? inputs.failed('The second line of the machine-readable zone does not have its form.', { grave: false })
    : inputs.passed('The machine-readable zone has the right form.');
}

type Told = readonly (readonly [CertificateFieldName, string | null])[];

function checkPrint(fields: CertificateFields, zone: MachineReadableZone | null): Finding {
  if (zone === null) {
    return new Inputs('mrz-matches-print', fields, ['mrzLine2']).notApplicable(
      'The machine-readable zone was not read.',
    );
  }
  const exact: Told = [
    ['passportNumber', zone.documentNumber],
    ['birthDate', zone.birthDate],
    ['expiryDate', zone.expiryDate],
    ['sex', zone.sex],
  ];
  const names: Told = [
    ['surname', zone.names?.surname ?? null],
    ['givenNames', zone.names?.givenNames ?? null],
  ];
  const told = [...exact, ...names].filter(([, value]) => value !== null);
  const inputs = new Inputs('mrz-matches-print', fields, [...told.map(([name]) => name), 'mrzLine2']);
  const differing = told.filter(([name, value]) => {
    const [read, expected] = [plain(inputs.value(name) ?? ''), plain(value ?? '')];
    if (read === '') return false;
    const isName = names.some(([other]) => other === name);
    return isName ? !nearlySame(read, expected) : read !== expected;
  });
  const [first] = differing;
  if (first === undefined) return inputs.passed('The page says what its machine-readable zone says.');
  const [name, expected] = first;
  const whole = differing.map(([other]) => other).join(', ');
  return inputs.failed(`The page and its machine-readable zone differ: ${whole}.`, {
    // numbers and dates have check digits in the zone; names and sex have none
    grave: differing.some(([other]) => other !== 'surname' && other !== 'givenNames' && other !== 'sex'),
    expected: expected ?? '',
    actual: inputs.value(name) ?? '',
  });
}

const plain = (text: string): string => text.replace(/[^A-Z0-9]/g, '');

/** Readers lose thin letters between fillers: of every five characters one may be missing or wrong. */
function nearlySame(one: string, other: string): boolean {
  return distance(one, other) <= Math.ceil(Math.max(one.length, other.length) / 5);
}

/** Levenshtein's. */
function distance(one: string, other: string): number {
  let costs = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [row, character] of Array.from(one).entries()) {
    const next = [row + 1];
    for (let column = 0; column < other.length; column += 1) {
      const same = character === other.charAt(column) ? 0 : 1;
      next.push(Math.min((costs[column] ?? 0) + same, (costs[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    costs = next;
  }
  return costs[other.length] ?? 0;
}
