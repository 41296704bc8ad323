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
  if (fields.mrzLine1 == null && fields.mrzLine2 == null) {
    return inputs.notApplicable('The machine-readable zone was not read.');
  }
  return zone === null
    ? inputs.failed('The machine-readable zone must have two lines of 44 characters.', { grave: false })
    : inputs.passed('The machine-readable zone has the right form.');
}

function checkPrint(fields: CertificateFields, zone: MachineReadableZone | null): Finding {
  const printed: CertificateFieldName[] = [
    'passportNumber',
    'birthDate',
    'expiryDate',
    'sex',
    'surname',
    'givenNames',
  ];
  const inputs = new Inputs('mrz-matches-print', fields, [...printed, ...LINES]);
  if (zone === null) return inputs.notApplicable('The machine-readable zone was not read.');
  const told: Partial<Record<CertificateFieldName, string | null>> = {
    passportNumber: zone.documentNumber,
    birthDate: zone.birthDate,
    expiryDate: zone.expiryDate,
    sex: zone.sex,
    surname: zone.surname,
    givenNames: zone.givenNames,
  };
  const differing = printed.filter((name) => {
    const [read, expected] = [inputs.value(name), told[name]];
    return read !== null && expected != null && plain(read) !== plain(expected);
  });
  const [first] = differing;
  if (first === undefined) return inputs.passed('The page says what its machine-readable zone says.');
  return inputs.failed(`The page and its machine-readable zone differ: ${differing.join(', ')}.`, {
    // @NOTE names have no check digit and many spellings; numbers and dates have one
    grave: differing.some((name) => name !== 'surname' && name !== 'givenNames' && name !== 'sex'),
    expected: told[first] ?? '',
    actual: inputs.value(first) ?? '',
  });
}

const plain = (text: string): string => text.replace(/[^A-Z0-9]/g, '');
