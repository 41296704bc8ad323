import { readFileSync } from 'node:fs';
import type { CertificateFieldName } from '@trivium/contracts/certificates';
import type { DocumentPage } from '@trivium/contracts/ocr-certification';
import type { TextLine } from '@trivium/contracts/vision-inference';
import { checkCertificate } from '@trivium/evidence/rules';
import { expect, it } from 'vitest';
import { recognizeCertificate } from './recognize-certificate.js';

interface Truth {
  readonly kind: string;
  readonly fields: Readonly<Partial<Record<CertificateFieldName, string>>>;
  readonly reason: string | null;
}

const TODAY = '2026-11-27';

/** Lines as vision-inference read them from the sample pictures. */
function pageOf(sample: string): DocumentPage {
  const [head = '', ...lines] = readText(`../../test/fixtures/certificate-${sample}.jsonl`)
    .trim()
    .split('\n');
  const { width, height } = JSON.parse(head) as Pick<DocumentPage, 'width' | 'height'>;
  return { page: 1, width, height, lines: lines.map((line) => JSON.parse(line) as TextLine) };
}

const truthOf = (sample: string): Truth =>
  JSON.parse(readText(`../../../../samples/certificates/certificate-${sample}.json`)) as Truth;

const readText = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

it.each([
  ['a table', '008'],
  ['the front of an identity card', '009'],
  ['the back of an identity card', '010'],
  ['a business licence', '011'],
  ['a list of labels', '013'],
])('reads every field of %s and finds what is wrong', (_, sample) => {
  const truth = truthOf(sample);

  const { kind, fields } = recognizeCertificate([pageOf(sample)], TODAY);

  expect(kind).toEqual({ value: truth.kind, confidence: 1 });
  const read = Object.keys(truth.fields).map((name) => {
    const normalized = fields[name as CertificateFieldName]?.normalized;
    return [name, normalized?.replaceAll('（', '(').replaceAll('）', ')')];
  });
  expect(Object.fromEntries(read)).toEqual(truth.fields);
  expect(failed(sample)).toEqual(truth.reason === null ? [] : [truth.reason]);
});

it('reads a passport whose zone lost its names', () => {
  const { fields } = recognizeCertificate([pageOf('024')], TODAY);

  const { mrzLine1: _unreadable, ...others } = truthOf('024').fields;
  const read = Object.keys(others).map((name) => [name, fields[name as CertificateFieldName]?.normalized]);
  expect(Object.fromEntries(read)).toEqual(others);
  expect(fields.mrzLine1).toBeNull();
  expect(failed('024')).toEqual(['mrz-matches-print']);
});

function failed(sample: string): string[] {
  const { kind, fields } = recognizeCertificate([pageOf(sample)], TODAY);
  if (kind.value === null) throw new Error('no kind was recognised');
  const findings = checkCertificate(kind.value, fields, TODAY);
  return findings.flatMap(({ check: { id, status } }) => (status === 'failed' ? [id] : []));
}

it('tells where a field stands, each line of it', () => {
  const { fields } = recognizeCertificate([pageOf('009')], TODAY);

  expect(fields.address?.quadrilateral?.[0][1]).toBeLessThan(480);
  expect(fields.address?.quadrilateral?.[2][1]).toBeGreaterThan(580); // its third line
});

it('takes the page that shows a certificate', () => {
  const blank: DocumentPage = { page: 1, width: 10, height: 10, lines: [] };

  const found = recognizeCertificate([blank, { ...pageOf('010'), page: 2 }], TODAY);

  expect(found).toMatchObject({ page: 2, kind: { value: 'identity-card-back' } });
  expect(recognizeCertificate([blank], TODAY)).toMatchObject({ page: 1, kind: { value: null }, fields: {} });
});
