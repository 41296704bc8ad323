import type { CertificateCheckId } from '@trivium/contracts/certificates';
import type { ComposedCertificate, Forgery } from './specification.js';

/** What must be concluded of a forgery, where `digit` is the rule that a wrong check digit breaks. */
export function consequence(
  forgery: Forgery | null,
  digit: CertificateCheckId,
  birth: CertificateCheckId,
): Pick<ComposedCertificate, 'verdict' | 'reason'> {
  if (forgery === null) return { verdict: 'PASS', reason: null };
  const reasons = { 'wrong-check-digit': digit, 'other-birth-date': birth, expired: 'not-expired' } as const;
  return { verdict: 'REJECT', reason: reasons[forgery] };
}
