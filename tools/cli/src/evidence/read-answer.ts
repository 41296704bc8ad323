import { createHash, createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { CERTIFICATE_FIELDS, CertificateFields } from '@trivium/contracts/certificates';
import { Evidence } from '@trivium/contracts/evidence';
import { type PresentedEvidence, rawPublicKey, wireName } from '@trivium/evidence';
import { z } from 'zod';
import { CliError, EXIT } from '../server/cli-error.js';

/** An answer of `/v1/documents/certificates`, or its `evidence` alone. */
const Answer = z.looseObject({
  evidence: z.unknown(),
  certificate: z.looseObject({ fields: z.record(z.string(), z.unknown()) }).optional(),
});
const Signed = z.looseObject({ statement: z.unknown() });

const LARGEST = 64 * 1024 * 1024;

/** What stands in the file, as far as it is evidence. The statement stays as it was received. */
export async function readAnswer(
  file: string,
): Promise<Pick<PresentedEvidence, 'statement' | 'evidence' | 'fields'>> {
  const json = parse(file, (await readBytes(file)).toString('utf8'));
  const answer = Answer.safeParse(json);
  const given = answer.success && answer.data.evidence !== undefined ? answer.data.evidence : json;
  const evidence = Evidence.safeParse(given);
  if (!evidence.success) {
    const where = z.prettifyError(evidence.error).split('\n')[0] ?? '';
    throw new CliError(`${file} holds no evidence that this version understands. ${where}`, EXIT.usage);
  }
  const statement = Signed.parse(given).statement;
  const fields = answer.success ? answer.data.certificate?.fields : undefined;
  return { statement, evidence: evidence.data, fields: fields && fieldsOf(file, fields) };
}

function fieldsOf(file: string, given: Readonly<Record<string, unknown>>): CertificateFields {
  const known = CERTIFICATE_FIELDS.flatMap((name) => {
    const field = given[wireName(name)];
    return field === undefined ? [] : [[name, field] as const];
  });
  const { data, error } = CertificateFields.safeParse(Object.fromEntries(known));
  if (data !== undefined) return data;
  throw new CliError(
    `${file}: its fields are damaged. ${z.prettifyError(error).split('\n')[0] ?? ''}`,
    EXIT.usage,
  );
}

/** 32 bytes in base64url, from a PEM file or from the answer of `/v1/evidence/key`. */
export async function readTrustedKey(file: string): Promise<string> {
  const text = (await readBytes(file)).toString('utf8');
  const answered = z
    .object({ pem: z.string() })
    .safeParse(text.startsWith('{') ? parse(file, text) : undefined);
  try {
    return rawPublicKey(createPublicKey(answered.success ? answered.data.pem : text));
  } catch {
    throw new CliError(
      `${file} holds no public Ed25519 key (PEM, or the answer of /v1/evidence/key).`,
      EXIT.usage,
    );
  }
}

/** Lower-case hex. */
export async function hashFile(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readBytes(file))
    .digest('hex');
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    const bytes = await readFile(file);
    if (bytes.byteLength <= LARGEST) return bytes;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'error';
    throw new CliError(`${file} cannot be read (${code}).`, EXIT.usage);
  }
  throw new CliError(`${file} is larger than ${LARGEST / 1024 / 1024} MiB.`, EXIT.usage);
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CliError(`${file} is not JSON.`, EXIT.usage);
  }
}
