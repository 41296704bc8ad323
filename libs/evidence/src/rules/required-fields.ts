import type { CertificateFieldName, CertificateKind } from '@trivium/contracts/certificates';

/** What each kind shows; `required` must be read for a PASS, the rest may be absent. */
export const FIELDS_OF = {
  'professional-certificate': {
    required: ['name', 'certificateNumber', 'profession', 'issuer', 'issueDate'],
    optional: ['sex', 'birthDate', 'idNumber', 'level', 'expiryDate'],
  },
  'identity-card-front': {
    required: ['name', 'sex', 'ethnicity', 'birthDate', 'address', 'idNumber'],
    optional: [],
  },
  'identity-card-back': { required: ['issuer', 'issueDate', 'expiryDate'], optional: [] },
  'business-license': {
    required: ['name', 'creditCode', 'companyType', 'legalRepresentative', 'address', 'establishedDate'],
    optional: ['registeredCapital', 'businessScope', 'issuer', 'issueDate', 'expiryDate'],
  },
  passport: {
    required: ['passportNumber', 'birthDate', 'expiryDate', 'mrzLine1', 'mrzLine2'],
    optional: ['surname', 'givenNames', 'nationality', 'sex', 'issueDate', 'issuer'],
  },
} as const satisfies Record<
  CertificateKind,
  { readonly required: readonly CertificateFieldName[]; readonly optional: readonly CertificateFieldName[] }
>;

/** Values that nothing is decided by: a doubtful reading of them does not hold the document up. */
export const DESCRIPTIVE: readonly CertificateFieldName[] = [
  'address',
  'businessScope',
  'companyType',
  'registeredCapital',
  'ethnicity',
];
