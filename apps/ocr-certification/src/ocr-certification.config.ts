import { z } from 'zod';

const positive = z.coerce.number().int().positive();

export const ocrCertificationConfig = z.object({
  OCR_MAX_BYTES: positive.default(32 * 1024 * 1024).describe('largest document that is opened'),
  OCR_MAX_PAGES: positive.max(500).default(20).describe('pages of a PDF or OFD that one request may read'),
  OCR_PDF_DPI: positive
    .min(72)
    .max(400)
    .default(150)
    .describe('resolution at which PDF pages are rendered, and of the frame that stored text is placed in'),
  OCR_PAGE_CONCURRENCY: positive.max(64).default(4).describe('pages of one document that are read at a time'),
  OCR_RENDERERS: positive.max(64).default(2).describe('PDF documents that are open at a time'),
});
export type OcrCertificationConfig = z.output<typeof ocrCertificationConfig>;
