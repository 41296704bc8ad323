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
    optional: ['registeredCapital', 'businessScope', 'issueDate', 'expiryDate'],
  },
  passport: {
    required: ['passportNumber', 'birthDate', 'expiryDate', 'mrzLine2'],
    optional: ['mrzLine1', 'surname', 'givenNames', 'nationality', 'sex', 'issueDate', 'issuer'],
  },
} as const satisfies Record<
  CertificateKind,
  { readonly required: readonly CertificateFieldName[]; readonly optional: readonly CertificateFieldName[] }
>;

/**
 * A doubtful reading of these does not hold the document up: nothing is decided by them, or, of the
 * machine-readable zone, check digits and agreement with the page say more than the reader's doubt.
 */
export const UNDOUBTED: readonly CertificateFieldName[] = [
  'address',
  'businessScope',
  'companyType',
  'registeredCapital',
  'ethnicity',
  'mrzLine1',
  'mrzLine2',
];
