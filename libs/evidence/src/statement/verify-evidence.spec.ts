import { generateKeyPairSync } from 'node:crypto';
import type { Certificate, CertificateFields } from '@trivium/contracts/certificates';
import type { EvidenceStatement } from '@trivium/contracts/evidence';
import { expect, it } from 'vitest';
import { checkCertificate } from '../rules/check-certificate.js';
import { judgeCertificate } from '../rules/judge.js';
import { canonicalJson } from './canonical-json.js';
import { issueEvidence } from './issue-evidence.js';
import { signStatement } from './signature.js';
import { type PresentedEvidence, verifyEvidence } from './verify-evidence.js';

const DAY = '2026-11-27';
const THRESHOLDS = { doubtful: 0.8, certain: 0.85 };
const { privateKey } = generateKeyPairSync('ed25519');
const FILE = 'a'.repeat(64);

const field = (value: string) =>
  ({ value, normalized: value, confidence: 0.97, quadrilateral: null, page: 1, source: 'ocr' }) as const;
const FIELDS: CertificateFields = {
  issuer: field('样本市公安局'),
  issueDate: field('2017-01-02'),
  expiryDate: field('2037-01-02'),
};

function present(): PresentedEvidence {
  const kind = 'identity-card-back';
  const findings = checkCertificate(kind, FIELDS, DAY);
  const face = 'not-requested';
  const measures = [
    { id: 'glare', status: 'passed', value: 0, threshold: 0.01, message: '', regions: [] },
  ] as const;
  const certificate: Certificate = {
    kind: { value: kind, confidence: 1 },
    page: 1,
    fields: FIELDS,
    checks: findings.map(({ check }) => check),
    quality: { page: 1, measures: measures.map((measure) => ({ ...measure, regions: [] })) },
    face: { outcome: face, message: '', comparison: null },
    ...judgeCertificate({ kind, fields: FIELDS, findings, measures, face }, THRESHOLDS),
  };
  const evidence = issueEvidence(
    {
      certificate,
      inputs: [{ role: 'document', media_type: 'image/jpeg', bytes: 9, sha256: FILE }],
      models: [{ id: 'pp-ocrv4', variant: 'fp32', placement: 'cpu', sha256: null }],
      thresholds: THRESHOLDS,
      productVersion: '0.1.0',
      issuedAt: new Date('2026-11-27T08:00:00Z'),
      day: DAY,
    },
    privateKey,
  );
  return { statement: evidence.statement, evidence, fields: FIELDS };
}

const failures = (presented: PresentedEvidence): string[] =>
  verifyEvidence(presented).flatMap(({ outcome, what }) => (outcome === 'fails' ? [what] : []));

/** As a forger would hand it in: changed, and signed again with a key of his own or not at all. */
function tampered(change: Partial<EvidenceStatement>, resign: boolean): PresentedEvidence {
  const { evidence, fields } = present();
  const statement = { ...evidence.statement, ...change };
  const signature = resign
    ? signStatement(statement, generateKeyPairSync('ed25519').privateKey)
    : evidence.signature;
  return { statement, evidence: { ...evidence, statement, signature }, fields };
}

it('holds as it was issued, and says what it did not look at', () => {
  const verified = verifyEvidence({ ...present(), files: { document: FILE } });

  expect(verified.filter(({ outcome }) => outcome === 'fails')).toEqual([]);
  expect(verified.map(({ what }) => what).join('\n')).toMatch(/verdict PASS follows/);
  expect(verified.filter(({ outcome }) => outcome === 'not-checked')).toHaveLength(1); // whose key it is
});

it('contains no value of the document', () => {
  expect(canonicalJson(present().statement)).not.toMatch(/样本市|2037-01-02/);
});

it('commits to the same value differently each time', () => {
  const [one, other] = [present(), present()];
  expect(one.evidence.statement.fields[0]?.sha256).not.toBe(other.evidence.statement.fields[0]?.sha256);
});

it.each([
  ['a statement that was changed', () => tampered({ verdict: 'REJECT' }, false), /signature does not fit/],
  ['a verdict that the rules do not give', () => tampered({ verdict: 'REVIEW' }, true), /would be PASS/],
  [
    'a measure against its threshold',
    () => tampered({ quality: [{ id: 'glare', status: 'passed', value: 0.5, threshold: 0.01 }] }, true),
    /do not follow/,
  ],
  ['another day', () => tampered({ day: '2040-01-01' }, true), /not-expired/],
  [
    'another key',
    () => ({ ...present(), trustedKey: Buffer.alloc(32, 1).toString('base64url') }),
    /not the trusted one/,
  ],
  ['another file', () => ({ ...present(), files: { document: 'b'.repeat(64) } }), /not the file/],
  [
    'a field that was changed',
    () => ({ ...present(), fields: { ...FIELDS, issuer: field('范例市公安局') } }),
    /issuer/,
  ],
  ['a field that was added', () => ({ ...present(), fields: { ...FIELDS, name: field('林浩') } }), /name/],
  ['a field that was left out', () => ({ ...present(), fields: { ...FIELDS, issuer: null } }), /issuer/],
])('fails for %s', (_, presented, reason) => {
  expect(failures(presented()).join('\n')).toMatch(reason);
});

it('follows RFC 8785', () => {
  expect(canonicalJson({ b: 1e21, a: [0.1, 'é', null], '\u20ac': 1 })).toBe(
    '{"a":[0.1,"é",null],"b":1e+21,"€":1}',
  );
});
