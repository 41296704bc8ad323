import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extractCertificate, readEvidenceKey } from '@trivium/contracts/certificates';
import { verifyEvidence } from '@trivium/evidence';
import { type NatsProcess, startNats } from '@trivium/local-servers';
import { connectMessaging, type Messaging } from '@trivium/messaging';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { recorded, RecordedVision } from './recorded-vision.js';
import { ServiceProcess } from './service-process.js';

let nats: NatsProcess;
let vision: RecordedVision;
let service: ServiceProcess;
let client: Messaging;
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'trivium-certificates-'));
  nats = await startNats();
  vision = await RecordedVision.start(nats.url);
  service = await ServiceProcess.start(nats.url, { TRIVIUM_HOME: home });
  client = await connectMessaging({ name: 'test', servers: nats.url });
});

afterAll(async () => {
  await client?.[Symbol.asyncDispose]();
  await service?.[Symbol.asyncDispose]();
  await vision?.[Symbol.asyncDispose]();
  await nats?.stop();
  await rm(home, { recursive: true, force: true });
});

beforeEach(() => vision.reset());

async function extract(sample: string, portrait?: Uint8Array) {
  vision.answer = () => recorded(sample, 'certificate');
  const url = new URL(`../../../samples/certificates/certificate-${sample}.jpg`, import.meta.url);
  const bytes = await readFile(url);
  const document = await client.blobs.put(bytes, 'image/jpeg');
  const image = portrait && { kind: 'inline' as const, mediaType: 'image/jpeg', bytes: portrait };
  const request = { document, path: 'file', ...(image && { portrait: { image, path: 'portrait' } }) };
  const reply = await client.call(extractCertificate, request, { deadline: 60_000 });
  return { bytes, reply, sha256: createHash('sha256').update(bytes).digest('hex') };
}

it('passes an honest card, with evidence that holds', async () => {
  const { reply, sha256 } = await extract('010');
  const { certificate, evidence } = reply;
  const { publicKey } = await client.call(readEvidenceKey, {});

  expect(certificate).toMatchObject({ verdict: 'PASS', reasons: [], kind: { value: 'identity-card-back' } });
  expect(certificate.quality.measures).toHaveLength(8);
  const { statement } = evidence;
  const verified = verifyEvidence({
    statement,
    evidence,
    fields: certificate.fields,
    trustedKey: publicKey,
    files: { document: sha256 },
  });
  expect(verified.map(({ outcome }) => outcome)).toEqual(verified.map(() => 'holds'));
});

it('rejects a card whose day of birth is not the one in its number', async () => {
  const { reply } = await extract('009');
  expect(reply.certificate).toMatchObject({ verdict: 'REJECT', reasons: ['birth-date-matches-id-number'] });
});

it('says when faces could not be compared, and never passes for it', async () => {
  const { bytes } = await extract('010');
  const { reply } = await extract('010', bytes);

  expect(reply.certificate.face).toMatchObject({ outcome: 'not-checked', comparison: null });
  expect(reply.certificate.face.message).toMatch(/because/);
  expect(reply.certificate).toMatchObject({ verdict: 'REVIEW', reasons: ['face:not-checked'] });
  expect(reply.evidence.statement.inputs.map(({ role }) => role)).toEqual(['document', 'portrait']);
});

it('answers an unknown kind for what is no certificate', async () => {
  const { bytes } = await extract('010');
  vision.answer = () => ({ ...recorded('010', 'certificate'), lines: [] });
  const document = await client.blobs.put(bytes, 'image/jpeg');

  const { certificate } = await client.call(extractCertificate, { document }, { deadline: 60_000 });

  expect(certificate).toMatchObject({ kind: { value: null }, verdict: 'REVIEW' });
  expect(certificate.reasons).toContain('unknown-kind');
});

it('refuses a picture that cannot be decoded, by name', async () => {
  const bytes = new Uint8Array([0xff, 0xd8, 0xff]);
  const document = { kind: 'inline', mediaType: 'image/jpeg', bytes } as const;
  vision.answer = () => recorded('010', 'certificate');

  const refusal = client.call(extractCertificate, { document, path: 'file' }, { deadline: 60_000 });

  await expect(refusal).rejects.toMatchObject({ code: 'unsupported_media', param: 'file' });
});

it('keeps its key for itself and logs nothing of a document', async () => {
  expect((await stat(join(home, 'evidence-key.pem'))).mode & 0o777).toBe(0o600);
  const { body } = await service.ask('/metrics');
  expect(body).toMatch(/certificate_extracted_total\{[^}]*kind="identity-card-back"[^}]*verdict="PASS"/);
  expect(body).not.toMatch(/980314199509201634|林浩/);
});
