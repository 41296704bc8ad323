import type {
  CertificateCheckId,
  CertificateFieldName,
  CertificateKind,
} from '@trivium/contracts/certificates';

export const LAYOUTS = [
  'professional-list', // labels with colons, one below the other
  'professional-table', // ruled cells, some with the value below its label
  'identity-card-front',
  'identity-card-back',
  'business-license',
  'passport',
] as const;
export type CertificateLayout = (typeof LAYOUTS)[number];

export type Forgery = 'wrong-check-digit' | 'other-birth-date' | 'expired';

/** Everything printed on one certificate, as printed, by the name of its field. */
export interface CertificateSpecification {
  readonly layout: CertificateLayout;
  readonly kind: CertificateKind;
  readonly title: string;
  readonly printed: Readonly<Partial<Record<CertificateFieldName | 'placeOfBirth', string>>>;
  /** Of the portrait, which is drawn from nothing and shows nobody. */
  readonly portraitSeed: number;
}

/** What the picture says, and what a careful reader must conclude. */
export interface CertificateTruth {
  readonly file: string;
  readonly layout: CertificateLayout;
  readonly kind: CertificateKind;
  readonly condition: string;
  /** Normalized. */
  readonly fields: Readonly<Partial<Record<CertificateFieldName, string>>>;
  readonly verdict: 'PASS' | 'REVIEW' | 'REJECT';
  /** A reason that must be among those given. */
  readonly reason: CertificateCheckId | `quality:${string}` | null;
}

export interface ComposedCertificate {
  readonly specification: CertificateSpecification;
  readonly fields: CertificateTruth['fields'];
  readonly verdict: 'PASS' | 'REJECT';
  readonly reason: CertificateCheckId | null;
}
