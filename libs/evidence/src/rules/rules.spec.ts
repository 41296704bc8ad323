import type {
  CertificateFieldName,
  CertificateFields,
  CertificateKind,
} from '@trivium/contracts/certificates';
import { describe, expect, it } from 'vitest';
import { checkCertificate } from './check-certificate.js';
import { judgeCertificate } from './judge.js';
import { judgeMeasure } from './judge-measure.js';

const TODAY = '2026-11-27';
const THRESHOLDS = { doubtful: 0.8, certain: 0.85 };

type Values = Partial<Record<CertificateFieldName, string | null>>;

const CARD: Values = {
  name: '林浩',
  sex: 'F',
  ethnicity: '汉',
  birthDate: '1949-12-31',
  address: '样本市示例路1号',
  idNumber: '99010519491231002X',
};
const right = (values: Values, confidence = 0.95): CertificateFields =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      value === null
        ? null
        : { value, normalized: value, confidence, quadrilateral: null, page: 1, source: 'ocr' as const },
    ]),
  );

function decide(kind: CertificateKind, values: Values, confidence = 0.95) {
  const fields = right(values, confidence);
  const findings = checkCertificate(kind, fields, TODAY);
  const judged = { kind, fields, findings, measures: [], face: 'not-requested' } as const;
  return judgeCertificate(judged, THRESHOLDS);
}

const honest = { ...CARD, idNumber: '990105194912310023' };

describe('an identity card', () => {
  it('passes when everything agrees', () => {
    expect(decide('identity-card-front', honest)).toEqual({ verdict: 'PASS', reasons: [] });
  });

  it.each([
    ['a wrong check character', { idNumber: CARD.idNumber ?? '' }, 'id-number-check-digit'],
    ['another day of birth', { birthDate: '1950-12-31' }, 'birth-date-matches-id-number'],
    ['the other sex', { sex: 'M' }, 'sex-matches-id-number'],
  ])('is rejected for %s that was read with certainty', (_, change: Values, reason) => {
    expect(decide('identity-card-front', { ...honest, ...change })).toEqual({
      verdict: 'REJECT',
      reasons: [reason],
    });
    expect(decide('identity-card-front', { ...honest, ...change }, 0.82).verdict).toBe('REVIEW');
  });

  it('needs a second look for what is missing or doubtful', () => {
    expect(decide('identity-card-front', { ...honest, name: null }).reasons).toEqual(['missing:name']);
    expect(decide('identity-card-front', honest, 0.5).reasons).toContain('low-confidence:idNumber');
  });

  it('agrees with a month of birth that has no day', () => {
    expect(decide('identity-card-front', { ...honest, birthDate: '1949-12' }).verdict).toBe('PASS');
  });
});

describe('dates', () => {
  const back = { issuer: '样本市公安局', issueDate: '2017-01-02', expiryDate: '2037-01-02' };

  it.each([
    ['has ended', { expiryDate: '2026-11-26' }, ['not-expired']],
    ['ends before it begins', { expiryDate: '2016-01-02' }, ['dates-in-order', 'not-expired']],
    ['begins tomorrow', { issueDate: '2026-11-28' }, ['issued-in-the-past']],
  ])('reject a document that %s', (_, change, reasons) => {
    expect(decide('identity-card-back', { ...back, ...change })).toEqual({ verdict: 'REJECT', reasons });
  });

  it('let a document be valid on its last day, and for ever', () => {
    expect(decide('identity-card-back', { ...back, expiryDate: TODAY }).verdict).toBe('PASS');
    expect(decide('identity-card-back', { ...back, expiryDate: '9999-12-31' }).verdict).toBe('PASS');
  });
});

describe('a passport', () => {
  const passport = {
    passportNumber: 'L898902C3',
    surname: 'ERIKSSON',
    givenNames: 'ANNA MARIA',
    sex: 'F',
    birthDate: '1974-08-12',
    expiryDate: '2032-04-15',
    mrzLine1: 'P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<',
    mrzLine2: 'L898902C36UTO7408122F3204153ZE184226B<<<<<16',
  };
  const check = (change: Values) =>
    checkCertificate('passport', right({ ...passport, ...change }), TODAY)
      .filter(({ check: { status } }) => status === 'failed')
      .map(({ check: { id } }) => id);

  it('has check digits that fit', () => {
    expect(check({})).toEqual([]);
  });

  it('is held against what is printed above the zone', () => {
    expect(check({ birthDate: '1975-08-12' })).toEqual(['mrz-matches-print']);
    expect(check({ surname: 'SMITH' })).toEqual(['mrz-matches-print']);
    expect(check({ surname: 'ERIKSON' })).toEqual([]); // a thin letter between fillers gets lost
  });

  it('shows a wrong digit', () => {
    expect(check({ mrzLine2: passport.mrzLine2.replace('C36', 'C37') })).toContain('mrz-document-number');
  });

  it('is checked by its second line alone where the first was not read', () => {
    expect(check({ mrzLine1: null, surname: 'SMITH' })).toEqual([]);
  });
});

it('never passes a face that was to be compared and was not', () => {
  const fields = right(honest);
  const findings = checkCertificate('identity-card-front', fields, TODAY);
  const judge = (face: 'same' | 'different' | 'not-checked' | 'no-face-in-portrait') =>
    judgeCertificate({ kind: 'identity-card-front', fields, findings, measures: [], face }, THRESHOLDS);

  expect(judge('same').verdict).toBe('PASS');
  expect(judge('different')).toEqual({ verdict: 'REJECT', reasons: ['face:different'] });
  expect(judge('not-checked')).toEqual({ verdict: 'REVIEW', reasons: ['face:not-checked'] });
  expect(judge('no-face-in-portrait').verdict).toBe('REVIEW');
});

it('needs a second look for a bad picture and for a document of no known kind', () => {
  const measures = [{ id: 'glare', status: 'failed' }] as const;
  const judged = { kind: null, fields: {}, findings: [], measures, face: 'not-requested' } as const;
  expect(judgeCertificate(judged, THRESHOLDS)).toEqual({
    verdict: 'REVIEW',
    reasons: ['unknown-kind', 'quality:glare'],
  });
});

it('knows which measures must be reached and which not exceeded', () => {
  expect(judgeMeasure('sharpness', 0.1, 0.045)).toBe('passed');
  expect(judgeMeasure('glare', 0.1, 0.01)).toBe('failed');
});
