import { z } from 'zod';
import { Binary, Quadrilateral } from './content.js';
import { call } from './define.js';
import { Evidence } from './evidence.js';
import { FaceComparison } from './faces.js';
import { DocumentField } from './invoice.js';
import { Execution } from './model.js';
import { DocumentPage } from './ocr-certification.js';

export const CERTIFICATE_KINDS = [
  'professional-certificate', // 职业资格证书, 职称证书, 岗位证书
  'identity-card-front', // 居民身份证, the side with the portrait
  'identity-card-back', // 居民身份证, the side with the emblem
  'business-license', // 营业执照
  'passport', // data page with a machine-readable zone (ICAO 9303, TD3)
] as const;
export const CertificateKind = z.enum(CERTIFICATE_KINDS);
export type CertificateKind = z.output<typeof CertificateKind>;

export const CERTIFICATE_FIELDS = [
  'name', // 姓名; of a business licence 名称
  'sex', // 性别; normalized M or F
  'ethnicity', // 民族
  'birthDate', // 出生, 出生日期; YYYY-MM-DD, or YYYY-MM where no day is printed
  'address', // 住址, 住所
  'idNumber', // 公民身份号码
  'certificateNumber', // 证书编号
  'profession', // 专业, 类别
  'level', // 级别
  'issuer', // 发证机关, 签发机关, 登记机关
  'issueDate', // 批准日期, 发证日期, 签发日期; the first day of a printed period
  'expiryDate', // 有效期至; 长期 is 9999-12-31
  'creditCode', // 统一社会信用代码
  'companyType', // 类型
  'legalRepresentative', // 法定代表人
  'registeredCapital', // 注册资本
  'establishedDate', // 成立日期
  'businessScope', // 经营范围
  'passportNumber',
  'surname',
  'givenNames',
  'nationality', // three letters, as the machine-readable zone has it
  'mrzLine1', // 44 characters
  'mrzLine2',
] as const;
export type CertificateFieldName = (typeof CERTIFICATE_FIELDS)[number];

/** Those that belong to the kind; null: looked for and not read. */
export const CertificateFields = z.partialRecord(z.enum(CERTIFICATE_FIELDS), DocumentField.nullable());
export type CertificateFields = z.output<typeof CertificateFields>;

export const CERTIFICATE_CHECKS = [
  'id-number-format',
  'id-number-check-digit',
  'birth-date-matches-id-number',
  'sex-matches-id-number',
  'credit-code-check-digit',
  'dates-in-order',
  'issued-in-the-past',
  'not-expired',
  'mrz-format',
  'mrz-document-number',
  'mrz-birth-date',
  'mrz-expiry-date',
  'mrz-composite',
  'mrz-matches-print',
] as const;
export type CertificateCheckId = (typeof CERTIFICATE_CHECKS)[number];

export const CertificateCheck = z.object({
  id: z.enum(CERTIFICATE_CHECKS),
  /** `not-applicable`: a value that the rule needs was not read. Rules of other kinds are left out. */
  status: z.enum(['passed', 'failed', 'not-applicable']),
  message: z.string(),
  /** What the rule looked at. */
  inputs: z.array(z.enum(CERTIFICATE_FIELDS)),
  expected: z.string().optional(),
  actual: z.string().optional(),
});
export type CertificateCheck = z.output<typeof CertificateCheck>;

export const QUALITY_MEASURES = [
  'resolution', // longer side in pixels
  'sharpness', // variance of the Laplacian over variance of brightness, at a fixed size
  'glare', // share of the picture that is burnt out
  'darkness', // brightness of the paper, 0 to 255
  'skew', // degrees from upright, of the text's direction
  'cropped', // lines of text that the edge of the picture cuts
  'screen-pattern', // how far one spatial frequency stands above its neighbours
  'noise', // PSNR in dB of even areas against their denoised form
] as const;
export type QualityMeasureId = (typeof QUALITY_MEASURES)[number];

export const QualityMeasure = z.object({
  id: z.enum(QUALITY_MEASURES),
  status: z.enum(['passed', 'failed', 'not-applicable']),
  value: z.number(),
  threshold: z.number(),
  /** What to do about it when it failed. */
  message: z.string(),
  /** Where, in pixels of the page. Empty: the whole picture, or nowhere. */
  regions: z.array(Quadrilateral),
});
export type QualityMeasure = z.output<typeof QualityMeasure>;

export const Quality = z.object({ page: z.int().positive(), measures: z.array(QualityMeasure) });
export type Quality = z.output<typeof Quality>;

export const FACE_OUTCOMES = [
  'same',
  'different',
  'no-face-in-document',
  'no-face-in-portrait',
  /** There is no model for it here, or it did not answer. Never a pass. */
  'not-checked',
  /** The request holds no portrait. */
  'not-requested',
] as const;

export const FaceCheck = z.object({
  outcome: z.enum(FACE_OUTCOMES),
  message: z.string(),
  comparison: FaceComparison.nullable(),
});
export type FaceCheck = z.output<typeof FaceCheck>;

/** Every reason that a verdict may give. */
export const CERTIFICATE_REASONS = [
  'unknown-kind',
  ...CERTIFICATE_CHECKS,
  ...CERTIFICATE_FIELDS.map((name) => `missing:${name}` as const),
  ...CERTIFICATE_FIELDS.map((name) => `low-confidence:${name}` as const),
  ...QUALITY_MEASURES.map((id) => `quality:${id}` as const),
  'face:different',
  'face:no-face-in-document',
  'face:no-face-in-portrait',
  'face:not-checked',
] as const;
export const CertificateReason = z.enum(CERTIFICATE_REASONS);
export type CertificateReason = z.output<typeof CertificateReason>;

export const Certificate = z.object({
  /** Null: nothing that is known; `pages` still holds what was read. */
  kind: z.object({ value: CertificateKind.nullable(), confidence: z.number().min(0).max(1) }),
  /** On which page it was found, from 1. */
  page: z.int().positive(),
  fields: CertificateFields,
  checks: z.array(CertificateCheck),
  quality: Quality,
  face: FaceCheck,
  verdict: z.enum(['PASS', 'REVIEW', 'REJECT']),
  reasons: z.array(CertificateReason),
});
export type Certificate = z.output<typeof Certificate>;

export const ExtractCertificateReply = z.object({
  certificate: Certificate,
  evidence: Evidence,
  pages: z.array(DocumentPage),
  execution: z.array(Execution),
});
export type ExtractCertificateReply = z.output<typeof ExtractCertificateReply>;

export const extractCertificate = call({
  subject: 'ocr-certification.extract-certificate.v1',
  request: z.object({
    /** An image (PNG, JPEG, WebP) or a PDF. */
    document: Binary,
    filename: z.string().optional(),
    /** Page numbers from 1; absent: all, up to the configured limit. */
    pages: z.array(z.int().positive()).min(1).optional(),
    /** Where the client wrote the document, for errors. */
    path: z.string().optional(),
    /** A picture of whoever shows the document. */
    portrait: z.object({ image: Binary, path: z.string().optional() }).optional(),
  }),
  reply: ExtractCertificateReply,
  errors: [
    'invalid_request',
    'unsupported_media',
    'payload_too_large',
    'model_not_available',
    'overloaded',
    'unavailable',
    'deadline_exceeded',
  ],
});

/** The public half of the key that signs evidence. */
export const readEvidenceKey = call({
  subject: 'ocr-certification.read-evidence-key.v1',
  request: z.object({}),
  reply: z.object({
    algorithm: z.literal('Ed25519'),
    keyId: z.string(),
    /** 32 bytes in base64url, as the member `x` of an RFC 8037 key. */
    publicKey: z.string(),
    /** SubjectPublicKeyInfo. */
    pem: z.string(),
  }),
  errors: [],
});
