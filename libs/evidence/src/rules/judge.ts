import type {
  Certificate,
  CertificateFieldName,
  CertificateFields,
  CertificateKind,
  CertificateReason,
  FaceCheck,
  QualityMeasure,
} from '@trivium/contracts/certificates';
import type { Finding } from './finding.js';
import { UNDOUBTED, FIELDS_OF } from './required-fields.js';

export interface VerdictThresholds {
  /** Readings below need a second look. */
  readonly doubtful: number;
  /** From here on a reading is trusted enough to hold it against the document. */
  readonly certain: number;
}

export interface Judged {
  readonly kind: CertificateKind | null;
  readonly fields: CertificateFields;
  readonly findings: readonly Finding[];
  readonly measures: readonly Pick<QualityMeasure, 'id' | 'status'>[];
  readonly face: FaceCheck['outcome'];
}

/**
 * REJECT when the document contradicts itself by values that were read with certainty, has expired, or
 * shows another face; REVIEW when anything is missing, doubtful or failed, or could not be checked
 * although it was asked for; else PASS.
 */
export function judgeCertificate(
  { kind, fields, findings, measures, face }: Judged,
  { doubtful, certain }: VerdictThresholds,
): Pick<Certificate, 'verdict' | 'reasons'> {
  const failures = findings.filter(({ check }) => check.status === 'failed');
  const reasons: CertificateReason[] = [
    ...(kind === null ? (['unknown-kind'] as const) : []),
    ...failures.map(({ check }) => check.id),
    ...(kind === null ? [] : missing(kind, fields)).map((name) => `missing:${name}` as const),
    ...doubtfulFields(fields, doubtful).map((name) => `low-confidence:${name}` as const),
    ...measures.filter(({ status }) => status === 'failed').map(({ id }) => `quality:${id}` as const),
    ...(face === 'same' || face === 'not-requested' ? [] : [`face:${face}` as const]),
  ];
  const contradicted = failures.some(({ grave, confidence }) => grave && confidence >= certain);
  const rejected = contradicted || face === 'different';
  return { verdict: rejected ? 'REJECT' : reasons.length > 0 ? 'REVIEW' : 'PASS', reasons };
}

function missing(kind: CertificateKind, fields: CertificateFields): CertificateFieldName[] {
  const { required } = FIELDS_OF[kind];
  return required.filter((name) => fields[name] == null || fields[name].normalized === '');
}

function doubtfulFields(fields: CertificateFields, doubtful: number): CertificateFieldName[] {
  const names = Object.keys(fields) as CertificateFieldName[];
  return names.filter((name) => {
    const field = fields[name];
    return field != null && field.confidence < doubtful && !UNDOUBTED.includes(name);
  });
}
