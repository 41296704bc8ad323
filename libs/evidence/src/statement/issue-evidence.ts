import type { KeyObject } from 'node:crypto';
import type { Certificate } from '@trivium/contracts/certificates';
import type { Evidence, EvidenceStatement } from '@trivium/contracts/evidence';
import type { VerdictThresholds } from '../rules/judge.js';
import { commitTo, wireName } from './commitment.js';
import { signStatement } from './signature.js';

export interface EvidenceFacts {
  readonly certificate: Certificate;
  readonly inputs: EvidenceStatement['inputs'];
  readonly models: EvidenceStatement['models'];
  readonly thresholds: VerdictThresholds;
  readonly productVersion: string;
  readonly issuedAt: Date;
  /** What the rules took for today, `YYYY-MM-DD`. */
  readonly day: string;
}

/** States what was decided and on what, without a value that stands on the document, and signs it. */
export function issueEvidence(facts: EvidenceFacts, privateKey: KeyObject): Evidence {
  const { certificate, thresholds } = facts;
  const { commitments, openings } = commitTo(certificate.fields);
  const statement: EvidenceStatement = {
    type: 'trivium-evidence',
    version: 1,
    product: { name: 'trivium', version: facts.productVersion },
    issued_at: facts.issuedAt.toISOString(),
    day: facts.day,
    inputs: facts.inputs,
    kind: certificate.kind,
    fields: commitments,
    checks: certificate.checks.map(({ id, status, inputs }) => ({
      id,
      status,
      inputs: inputs.flatMap((name) => commitments.filter((entry) => entry.name === wireName(name))),
    })),
    quality: certificate.quality.measures.map(({ id, status, value, threshold }) => ({
      id,
      status,
      value,
      threshold,
    })),
    face: faceOf(certificate.face),
    thresholds: { doubtful: thresholds.doubtful, certain: thresholds.certain },
    models: facts.models,
    verdict: certificate.verdict,
    reasons: certificate.reasons,
  };
  return { statement, openings, signature: signStatement(statement, privateKey) };
}

function faceOf({ outcome, comparison }: Certificate['face']): EvidenceStatement['face'] {
  return {
    outcome,
    distance: comparison?.distance ?? null,
    threshold: comparison?.threshold ?? null,
    false_accept_rate: comparison?.falseAcceptRate ?? null,
  };
}
