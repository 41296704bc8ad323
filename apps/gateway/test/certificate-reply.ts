import type { ExtractCertificateReply } from '@trivium/contracts/certificates';

/** What the service answers for the back of a card on which no period was read. */
export function certificateReply(): ExtractCertificateReply {
  const verdict = 'REVIEW' as const;
  const reasons = ['missing:expiryDate' as const];
  return {
    certificate: {
      kind: { value: 'identity-card-back', confidence: 1 },
      page: 1,
      fields: { expiryDate: null },
      checks: [{ id: 'not-expired', status: 'not-applicable', message: 'No last day was read.', inputs: [] }],
      quality: {
        page: 1,
        measures: [
          {
            id: 'glare',
            status: 'passed',
            value: 0,
            threshold: 0.01,
            message: 'Nothing is burnt out.',
            regions: [],
          },
        ],
      },
      face: { outcome: 'not-requested', message: 'No portrait was sent to compare with.', comparison: null },
      verdict,
      reasons,
    },
    evidence: {
      statement: {
        type: 'trivium-evidence',
        version: 1,
        product: { name: 'trivium', version: '0.1.0' },
        issued_at: '2026-11-27T08:00:00.000Z',
        day: '2026-11-27',
        inputs: [{ role: 'document', media_type: 'image/png', bytes: 9, sha256: 'a'.repeat(64) }],
        kind: { value: 'identity-card-back', confidence: 1 },
        fields: [],
        checks: [{ id: 'not-expired', status: 'not-applicable', inputs: [] }],
        quality: [{ id: 'glare', status: 'passed', value: 0, threshold: 0.01 }],
        face: { outcome: 'not-requested', distance: null, threshold: null, false_accept_rate: null },
        thresholds: { doubtful: 0.8, certain: 0.85 },
        models: [{ id: 'm', variant: 'fp32', placement: 'cpu', sha256: null }],
        verdict,
        reasons,
      },
      openings: [],
      signature: { algorithm: 'Ed25519', key_id: '0123456789abcdef', public_key: 'key', value: 'signature' },
    },
    pages: [],
    execution: [],
  };
}
