import type { CertificateFieldName, CertificateFields } from '@trivium/contracts/certificates';
import { type Finding, Inputs } from './finding.js';

/** In the order in which they must follow one another. */
const ORDER = ['birthDate', 'establishedDate', 'issueDate', 'expiryDate'] as const;

/** Order of the dates, and where today stands among them. `day` is today, `YYYY-MM-DD`. */
export function checkDates(fields: CertificateFields, day: string): Finding[] {
  const names = ORDER.filter((name) => fields[name] !== undefined);
  const findings: Finding[] = [];
  if (names.length > 1) findings.push(checkOrder(fields, names));
  if (fields.issueDate !== undefined) findings.push(checkIssued(fields, day));
  if (fields.expiryDate !== undefined) findings.push(checkExpiry(fields, day));
  return findings;
}

function checkOrder(fields: CertificateFields, names: readonly CertificateFieldName[]): Finding {
  const inputs = new Inputs('dates-in-order', fields, names);
  const dates = names.flatMap((name) => {
    const date = inputs.value(name);
    return date !== null && /^\d{4}-\d{2}(-\d{2})?$/.test(date) ? [date] : [];
  });
  if (dates.length < 2) return inputs.notApplicable('There are no two dates to compare.');
  const wrong = dates.findIndex((date, index) => date < (dates[index - 1] ?? ''));
  return wrong === -1
    ? inputs.passed('The dates follow one another.')
    : inputs.failed('A date lies before one that it must follow.', {
        grave: true,
        actual: `${dates[wrong - 1] ?? ''}, ${dates[wrong] ?? ''}`,
      });
}

function checkIssued(fields: CertificateFields, day: string): Finding {
  const inputs = new Inputs('issued-in-the-past', fields, ['issueDate']);
  const date = inputs.value('issueDate');
  if (date === null) return inputs.notApplicable('The date of issue was not read.');
  return date <= day
    ? inputs.passed('It was issued in the past.')
    : inputs.failed('The date of issue lies in the future.', { grave: true, actual: date });
}

function checkExpiry(fields: CertificateFields, day: string): Finding {
  const inputs = new Inputs('not-expired', fields, ['expiryDate']);
  const date = inputs.value('expiryDate');
  if (date === null) return inputs.notApplicable('No last day was read.');
  return date >= day
    ? inputs.passed('It has not expired.')
    : inputs.failed('It has expired.', { grave: true, expected: `not before ${day}`, actual: date });
}
