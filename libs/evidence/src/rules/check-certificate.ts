import {
  CERTIFICATE_CHECKS,
  type CertificateFields,
  type CertificateKind,
} from '@trivium/contracts/certificates';
import { checkDates } from './check-dates.js';
import { checkCitizenNumber, checkCreditCode } from './check-identity.js';
import { checkZone } from './check-zone.js';
import type { Finding } from './finding.js';

/** Every rule of the kind, in the order of the contract. `day` is today, `YYYY-MM-DD`. */
export function checkCertificate(kind: CertificateKind, fields: CertificateFields, day: string): Finding[] {
  const findings = RULES[kind](fields, day);
  return CERTIFICATE_CHECKS.flatMap((id) => findings.filter(({ check }) => check.id === id));
}

type Rule = (fields: CertificateFields, day: string) => Finding[];

const RULES = {
  'professional-certificate': (fields, day) => [
    ...checkCitizenNumber(fields, day),
    ...checkDates(fields, day),
  ],
  'identity-card-front': (fields, day) => [...checkCitizenNumber(fields, day)],
  'identity-card-back': checkDates,
  'business-license': (fields, day) => [checkCreditCode(fields), ...checkDates(fields, day)],
  passport: (fields, day) => [...checkZone(fields, day), ...checkDates(fields, day)],
} as const satisfies Record<CertificateKind, Rule>;
