import {
  Certificate as CertificateReading,
  CERTIFICATE_FIELDS,
  CertificateCheck,
  FaceCheck,
  Quality,
  QualityMeasure,
} from '@trivium/contracts/certificates';
import { Evidence } from '@trivium/contracts/evidence';
import { z } from 'zod';
import { DocumentFields, DocumentRequest, Execution, Field, Page } from './document-shape.js';
import { snakeKey } from './snake-case.js';

export const CertificateRequest = DocumentRequest.extend({
  portrait: z.string().optional().describe('data:image/jpeg;base64,… of whoever shows the document'),
  portrait_file_id: z.string().optional().describe('of an upload to /v1/files, instead of portrait'),
}).meta({ id: 'CertificateRequest' });

/** Beside the part `file` of a form. */
export const CertificateFormFields = DocumentFields.extend({ portrait_file_id: z.string().optional() });

const Face = z.strictObject({
  outcome: FaceCheck.shape.outcome,
  message: z.string(),
  comparison: z
    .strictObject({
      distance: z.number(),
      threshold: z.number(),
      same: z.boolean(),
      false_accept_rate: z.number().nullable(),
      calibration: z.string(),
      model: z.strictObject({ id: z.string(), sha256: z.string() }),
    })
    .nullable(),
});

const Certificate = z
  .strictObject({
    kind: z.strictObject({ value: CertificateReading.shape.kind.shape.value, confidence: z.number() }),
    page: z.int(),
    fields: z
      .strictObject(
        Object.fromEntries(CERTIFICATE_FIELDS.map((name) => [snakeKey(name), Field.nullable().optional()])),
      )
      .describe('those of the kind; null: looked for and not read'),
    checks: z.array(z.strictObject(CertificateCheck.shape)),
    quality: z.strictObject({
      page: Quality.shape.page,
      measures: z.array(z.strictObject(QualityMeasure.shape)),
    }),
    face: Face,
    verdict: CertificateReading.shape.verdict,
    reasons: z.array(z.string()),
  })
  .meta({ id: 'Certificate' });

export const CertificateExtraction = z
  .strictObject({
    object: z.literal('document.certificate'),
    certificate: Certificate,
    evidence: z
      .strictObject(Evidence.shape)
      .describe('what was decided and on what, signed; check it with trivium evidence verify')
      .meta({ id: 'Evidence' }),
    pages: z.array(Page),
    execution: z.array(Execution),
  })
  .meta({ id: 'CertificateExtraction' });

export const EvidenceKey = z
  .strictObject({
    object: z.literal('evidence.key'),
    algorithm: z.literal('Ed25519'),
    key_id: z.string(),
    public_key: z.string().describe('32 bytes in base64url'),
    pem: z.string(),
  })
  .meta({ id: 'EvidenceKey' });
