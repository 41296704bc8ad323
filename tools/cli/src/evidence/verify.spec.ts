import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Certificate } from '@trivium/contracts/certificates';
import { issueEvidence } from '@trivium/evidence';
import { checkCertificate, judgeCertificate } from '@trivium/evidence/rules';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCli } from '../cli.js';

const DAY = '2026-11-27';
const THRESHOLDS = { doubtful: 0.8, certain: 0.85 };
const { privateKey, publicKey } = generateKeyPairSync('ed25519');

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'trivium-verify-'));
});
afterEach(() => rm(home, { recursive: true }));

/** As the HTTP API answers it. */
function answer(issuer = '样本市公安局') {
  const field = (value: string) =>
    ({ value, normalized: value, confidence: 0.97, quadrilateral: null, page: 1, source: 'ocr' }) as const;
  const fields = {
    issuer: field('样本市公安局'),
    issueDate: field('2017-01-02'),
    expiryDate: field('2037-01-02'),
  };
  const kind = 'identity-card-back';
  const findings = checkCertificate(kind, fields, DAY);
  const judged = { kind, fields, findings, measures: [], face: 'not-requested' } as const;
  const certificate: Certificate = {
    kind: { value: kind, confidence: 1 },
    page: 1,
    fields,
    checks: findings.map(({ check }) => check),
    quality: { page: 1, measures: [] },
    face: { outcome: 'not-requested', message: '', comparison: null },
    ...judgeCertificate(judged, THRESHOLDS),
  };
  const facts = { certificate, inputs: [], models: [], thresholds: THRESHOLDS, productVersion: '0.1.0' };
  const evidence = issueEvidence({ ...facts, issuedAt: new Date(0), day: DAY }, privateKey);
  const shown = { issuer: field(issuer), issue_date: fields.issueDate, expiry_date: fields.expiryDate };
  return { object: 'document.certificate', certificate: { fields: shown, verdict: 'PASS' }, evidence };
}

async function verify(content: string, ...options: string[]) {
  const file = join(home, 'answer.json');
  await writeFile(file, content);
  const [out, err] = [new PassThrough(), new PassThrough()];
  const args = ['evidence', 'verify', file, ...options];
  const exit = await runCli(args, {
    env: { TRIVIUM_HOME: home },
    out,
    err,
    signal: new AbortController().signal,
  });
  return { exit, out: text(out), err: text(err) };
}

const text = (stream: PassThrough) => ((stream.read() as Buffer | null) ?? '').toString();

it('says in words what holds, and what was not looked at', async () => {
  const { exit, out } = await verify(JSON.stringify(answer()));

  expect(exit).toBe(0);
  expect(out).toMatch(/holds +The statement is unchanged/);
  expect(out).toMatch(/not checked +Whose key/);
  expect(out).toMatch(/Valid: identity-card-back, PASS\.\n$/);
});

it('trusts the key that the server published on this machine', async () => {
  await writeFile(join(home, 'evidence-key.pub.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  expect((await verify(JSON.stringify(answer()))).out).toMatch(/is the trusted one/);
});

it.each([
  ['a field that was changed', () => JSON.stringify(answer('范例市公安局')), 1, /Not valid: 1 of/],
  [
    'a verdict that was changed',
    () => JSON.stringify(answer()).replaceAll('"PASS"', '"REVIEW"'),
    1,
    /Not valid/,
  ],
  ['something else', () => '{"a":1}', 2, /holds no evidence/],
  ['no JSON', () => 'dear sirs', 2, /is not JSON/],
])('ends with another code for %s', async (_, content, exit, words) => {
  expect(await verify(content())).toMatchObject({ exit, err: expect.stringMatching(words) as string });
});

it('verifies evidence without fields as far as it goes', async () => {
  const { exit, out } = await verify(JSON.stringify(answer().evidence));
  expect(exit).toBe(0);
  expect(out).toMatch(/not checked +The fields, the rules/);
});
