import { createHash, randomBytes } from 'node:crypto';
import type { CertificateFieldName, CertificateFields } from '@trivium/contracts/certificates';
import type { DocumentField } from '@trivium/contracts/invoice';
import { canonicalJson } from './canonical-json.js';

export interface Commitment {
  readonly name: string;
  readonly sha256: string;
}

export interface Opening {
  readonly name: string;
  readonly salt: string;
}

/** What is committed to: what rules look at. Where the field stands may be left out of a copy. */
type Committed = Pick<DocumentField, 'value' | 'normalized' | 'confidence'>;

const SALT_BYTES = 16;

/** `birthDate` as clients of the API know it: `birth_date`. */
export function wireName(name: CertificateFieldName): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** One salted hash for each field that was read: an id number alone is guessed from its plain hash in minutes. */
export function commitTo(fields: CertificateFields): { commitments: Commitment[]; openings: Opening[] } {
  const commitments: Commitment[] = [];
  const openings: Opening[] = [];
  for (const [name, field] of Object.entries(fields) as [CertificateFieldName, DocumentField | null][]) {
    if (field === null) continue;
    const salt = randomBytes(SALT_BYTES).toString('base64url');
    openings.push({ name: wireName(name), salt });
    commitments.push({ name: wireName(name), sha256: commitmentOf(wireName(name), field, salt) });
  }
  return { commitments, openings };
}

export function commitmentOf(
  name: string,
  { value, normalized, confidence }: Committed,
  salt: string,
): string {
  const text = canonicalJson([salt, name, value, normalized, confidence]);
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
