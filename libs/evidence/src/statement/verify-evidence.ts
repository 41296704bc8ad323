import {
  CERTIFICATE_FIELDS,
  CERTIFICATE_KINDS,
  type CertificateFields,
  FACE_OUTCOMES,
  QUALITY_MEASURES,
} from '@trivium/contracts/certificates';
import type { Evidence, EvidenceStatement } from '@trivium/contracts/evidence';
import { checkCertificate } from '../rules/check-certificate.js';
import { judgeCertificate } from '../rules/judge.js';
import { judgeMeasure } from '../rules/judge-measure.js';
import { canonicalJson } from './canonical-json.js';
import { commitmentOf, wireName } from './commitment.js';
import { isSignedBy, keyIdOf } from './signature.js';

/** One thing that was looked at, in a sentence for people. */
export interface Verified {
  readonly outcome: 'holds' | 'fails' | 'not-checked';
  readonly what: string;
}

export interface PresentedEvidence {
  /** The statement exactly as it was received: what is signed may hold members that are not known here. */
  readonly statement: unknown;
  readonly evidence: Evidence;
  /** The fields of the answer, where they were kept. */
  readonly fields?: CertificateFields | undefined;
  /** 32 bytes in base64url: the key that is trusted. */
  readonly trustedKey?: string | undefined;
  /** SHA-256 of the files that were sent, where they are at hand. */
  readonly files?: Readonly<Partial<Record<'document' | 'portrait', string>>>;
}

/** The signature, the inputs and the fields, and every rule once more. Nothing is asked of any server. */
export function verifyEvidence(presented: PresentedEvidence): Verified[] {
  const { statement, signature } = presented.evidence;
  return [
    isSignedBy(presented.statement, signature)
      ? holds(
          `The statement is unchanged since the key ${signature.key_id} signed it, ${statement.issued_at}.`,
        )
      : fails('The signature does not fit the statement: one of them was changed.'),
    verifyKey(presented),
    ...(['document', 'portrait'] as const).flatMap((role) => verifyFile(role, presented)),
    ...verifyMeasures(statement),
    ...verifyFields(presented),
  ];
}

function verifyKey({ evidence, trustedKey }: PresentedEvidence): Verified {
  const { key_id: id, public_key: publicKey } = evidence.signature;
  if (trustedKey === undefined) {
    return unchecked(`Whose key ${id} is: no trusted key was given to compare it with.`);
  }
  return trustedKey === publicKey
    ? holds(`The key ${id} is the trusted one.`)
    : fails(`The key ${id} is not the trusted one, which is ${keyIdOf(trustedKey)}.`);
}

function verifyFile(role: 'document' | 'portrait', { evidence, files }: PresentedEvidence): Verified[] {
  const input = evidence.statement.inputs.find((entry) => entry.role === role);
  const given = files?.[role];
  if (given === undefined) {
    return input === undefined ? [] : [unchecked(`The ${role} that was sent: the file was not given.`)];
  }
  return [
    input?.sha256 === given
      ? holds(`The ${role} is the file that was judged (SHA-256 ${given.slice(0, 16)}…).`)
      : fails(`The ${role} is not the file that was judged.`),
  ];
}

/** Each measure of the picture against its threshold. */
function verifyMeasures({ quality }: EvidenceStatement): Verified[] {
  const wrong = quality.filter(({ id, status, value, threshold }) => {
    const known = QUALITY_MEASURES.find((measure) => measure === id);
    return (
      known === undefined || (status !== 'not-applicable' && judgeMeasure(known, value, threshold) !== status)
    );
  });
  if (wrong.length > 0) return [fails(`Measures that do not follow from their figures: ${ids(wrong)}.`)];
  return [holds(`The ${quality.length} measures of the picture follow from their figures and thresholds.`)];
}

function verifyFields(presented: PresentedEvidence): Verified[] {
  const { evidence, fields } = presented;
  if (fields === undefined) {
    return [unchecked('The fields, the rules and the verdict: the evidence came without the fields.')];
  }
  const { statement } = evidence;
  const changed = changedFields(evidence, fields);
  if (changed.length > 0) {
    return [fails(`Fields that are not the ones that were judged: ${changed.join(', ')}.`)];
  }
  return [
    holds(`The ${statement.fields.length} fields are the ones that were judged.`),
    ...replay(statement, fields),
  ];
}

function changedFields({ statement, openings }: Evidence, fields: CertificateFields): string[] {
  return CERTIFICATE_FIELDS.flatMap((name) => {
    const wire = wireName(name);
    const field = fields[name] ?? null;
    const commitment = statement.fields.find((entry) => entry.name === wire);
    const salt = openings.find((entry) => entry.name === wire)?.salt;
    if (field === null) return commitment === undefined ? [] : [wire];
    const same = salt !== undefined && commitmentOf(wire, field, salt) === commitment?.sha256;
    return same ? [] : [wire];
  });
}

function replay(statement: EvidenceStatement, fields: CertificateFields): Verified[] {
  const kind = CERTIFICATE_KINDS.find((known) => known === statement.kind.value) ?? null;
  const face = FACE_OUTCOMES.find((known) => known === statement.face.outcome);
  if ((kind === null && statement.kind.value !== null) || face === undefined) {
    return [fails('The statement names a kind or an outcome that this version does not know.')];
  }
  const findings = kind === null ? [] : checkCertificate(kind, fields, statement.day);
  const different = findings.filter(
    ({ check }) => statement.checks.find(({ id }) => id === check.id)?.status !== check.status,
  );
  const { verdict, reasons } = judgeCertificate(
    { kind, fields, findings, measures: measuresOf(statement), face },
    statement.thresholds,
  );
  const sameChecks = different.length === 0 && findings.length === statement.checks.length;
  const sameVerdict =
    verdict === statement.verdict && canonicalJson(reasons) === canonicalJson(statement.reasons);
  return [
    sameChecks
      ? holds(`The ${findings.length} rules, run again on the fields as of ${statement.day}, end as stated.`)
      : fails(`Rules that end otherwise when they run again: ${ids(different.map(({ check }) => check))}.`),
    sameVerdict
      ? holds(`The verdict ${verdict} follows from them${because(reasons)}.`)
      : fails(`The verdict would be ${verdict}${because(reasons)}; stated is ${statement.verdict}.`),
  ];
}

function measuresOf({ quality }: EvidenceStatement) {
  return quality.flatMap(({ id, status }) => {
    const known = QUALITY_MEASURES.find((measure) => measure === id);
    if (known === undefined) return [];
    return [{ id: known, status: status === 'failed' ? ('failed' as const) : ('passed' as const) }];
  });
}

const because = (reasons: readonly string[]): string =>
  reasons.length === 0 ? '' : ` (${reasons.join(', ')})`;
const ids = (entries: readonly { readonly id: string }[]): string => entries.map(({ id }) => id).join(', ');
const holds = (what: string): Verified => ({ outcome: 'holds', what });
const fails = (what: string): Verified => ({ outcome: 'fails', what });
const unchecked = (what: string): Verified => ({ outcome: 'not-checked', what });
