import type { Certificate, CertificateFieldName } from '@trivium/contracts/certificates';
import type { CertificateTruth } from '../certificate/specification.js';
import type { Mistake, Score } from './compare.js';

/** Exact agreement of normalized fields, and of the verdict together with the reason for it. */
export function compareCertificate(truth: CertificateTruth, certificate: Certificate): Score {
  const mistakes: Mistake[] = [];
  const { file } = truth;
  let right = 0;
  const names = Object.keys(truth.fields) as CertificateFieldName[];
  for (const name of names) {
    const expected = truth.fields[name] ?? null;
    const read = certificate.fields[name]?.normalized ?? null;
    if (plain(expected) === plain(read)) right += 1;
    else mistakes.push({ file, value: name, expected, read });
  }
  const reasons: readonly string[] = certificate.reasons;
  const verdict =
    certificate.verdict === truth.verdict && (truth.reason === null || reasons.includes(truth.reason));
  if (!verdict) {
    const expected = `${truth.verdict} ${truth.reason ?? ''}`.trim();
    mistakes.push({ file, value: 'verdict', expected, read: [certificate.verdict, ...reasons].join(' ') });
  }
  return {
    fields: { right, of: names.length },
    cells: { right: 0, of: 0 },
    verdicts: { right: verdict ? 1 : 0, of: 1 },
    mistakes,
  };
}

/** Blanks tell nothing apart, and brackets come in two widths. */
const plain = (value: string | null): string | null =>
  value?.replace(/\s/g, '').replaceAll('（', '(').replaceAll('）', ')') ?? null;
