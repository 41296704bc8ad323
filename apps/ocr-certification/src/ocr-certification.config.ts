import type { QualityMeasureId } from '@trivium/contracts/certificates';
import { z } from 'zod';

const positive = z.coerce.number().int().positive();

const ratio = (value: number) => z.coerce.number().positive().default(value);
const share = (value: number) => z.coerce.number().min(0).max(1).default(value);

export const ocrCertificationConfig = z.object({
  OCR_MAX_BYTES: positive.default(32 * 1024 * 1024).describe('largest document that is opened'),
  OCR_MAX_PAGES: positive.max(500).default(20).describe('pages of a PDF or OFD that one request may read'),
  OCR_PDF_DPI: positive
    .min(72)
    .max(400)
    .default(150)
    .describe('resolution at which PDF pages are rendered, and of the frame that stored text is placed in'),
  OCR_PAGE_CONCURRENCY: positive.max(64).default(4).describe('pages of one document that are read at a time'),
  OCR_QUALITY_THREADS: positive
    .max(64)
    .default(1)
    .describe('pictures of certificates that are measured at a time'),
  QUALITY_MIN_SIDE: positive.default(800).describe('pixels that the longer side of a certificate must have'),
  QUALITY_MIN_SHARPNESS: ratio(0.045).describe(
    'variance of the Laplacian over that of brightness, at 1024 pixels',
  ),
  QUALITY_MAX_GLARE: share(0.01).describe('share of the picture that may be burnt out'),
  QUALITY_MIN_BRIGHTNESS: z.coerce.number().min(0).max(255).default(80).describe('of the paper, 0 to 255'),
  QUALITY_MAX_SKEW: z.coerce
    .number()
    .min(0)
    .max(180)
    .default(15)
    .describe('degrees by which text may be turned'),
  QUALITY_MAX_CUT_LINES: z.coerce.number().int().min(0).default(0).describe('lines of text at the edge'),
  QUALITY_MAX_PATTERN: ratio(2).describe('decades by which one spatial frequency may stand out: a display'),
  QUALITY_MIN_PSNR: ratio(28).describe('dB, of even areas against their denoised form'),
  CERTIFICATE_DOUBTFUL: share(0.8).describe('readings below it make a certificate REVIEW'),
  CERTIFICATE_CERTAIN: share(0.85).describe('readings from it on may make a certificate REJECT'),
  TRIVIUM_HOME: z
    .string()
    .min(1)
    .optional()
    .describe('folder of the key that signs evidence; default: .trivium of the repository'),
  OCR_RENDERERS: positive.max(64).default(2).describe('PDF documents that are open at a time'),
});
export type OcrCertificationConfig = z.output<typeof ocrCertificationConfig>;

export function qualityThresholds(
  config: OcrCertificationConfig,
): Readonly<Record<QualityMeasureId, number>> {
  return {
    resolution: config.QUALITY_MIN_SIDE,
    sharpness: config.QUALITY_MIN_SHARPNESS,
    glare: config.QUALITY_MAX_GLARE,
    darkness: config.QUALITY_MIN_BRIGHTNESS,
    skew: config.QUALITY_MAX_SKEW,
    cropped: config.QUALITY_MAX_CUT_LINES,
    'screen-pattern': config.QUALITY_MAX_PATTERN,
    noise: config.QUALITY_MIN_PSNR,
  };
}
