import { type DynamicModule, Module } from '@nestjs/common';
import type { Messaging } from '@trivium/messaging';
import { CertificateHandler } from './certificate/certificate.handler.js';
import { CheckFace } from './certificate/check-face.js';
import { DocumentPictures } from './certificate/document-pictures.js';
import { ExtractCertificate } from './certificate/extract-certificate.js';
import { EVIDENCE_KEY, type EvidenceKey } from './evidence/evidence-key.js';
import { IssueEvidence } from './evidence/issue-evidence.js';
import { ExtractInvoice } from './invoice/extract-invoice.js';
import { InvoiceHandler } from './invoice/invoice.handler.js';
import { MarkDocument } from './marking/mark-document.js';
import { MarkingHandler } from './marking/marking.handler.js';
import { CodeReader } from './reading/code-reader.js';
import { OfdReader } from './reading/ofd-reader.js';
import { type OcrCertificationConfig, qualityThresholds } from './ocr-certification.config.js';
import { MeasureQuality } from './quality/measure-quality.js';
import { qualityThreads } from './quality/quality-jobs.js';
import { PageReader } from './reading/page-reader.js';
import { PdfReader } from './reading/pdf-reader.js';
import { ReadDocument } from './reading/read-document.js';
import { ReadingHandler } from './reading/reading.handler.js';

/** Evidence says which version decided. */
const PRODUCT_VERSION = '0.1.0';

@Module({})
export class OcrCertificationModule {
  static register(config: OcrCertificationConfig, messaging: Messaging, key: EvidenceKey): DynamicModule {
    const pageReader = new PageReader(messaging);
    const pdfReader = new PdfReader(pageReader, {
      maxBytes: config.OCR_MAX_BYTES,
      maxPages: config.OCR_MAX_PAGES,
      dpi: config.OCR_PDF_DPI,
      pageConcurrency: config.OCR_PAGE_CONCURRENCY,
      renderers: config.OCR_RENDERERS,
    });
    const ofdReader = new OfdReader({
      maxBytes: config.OCR_MAX_BYTES,
      maxPages: config.OCR_MAX_PAGES,
      dpi: config.OCR_PDF_DPI,
    });
    const readDocument = new ReadDocument(
      messaging.blobs,
      pageReader,
      pdfReader,
      ofdReader,
      new CodeReader(),
      config.OCR_MAX_BYTES,
    );
    const markDocument = new MarkDocument(messaging.blobs, {
      maxBytes: config.OCR_MAX_BYTES,
      maxPages: config.OCR_MAX_PAGES,
      dpi: config.OCR_PDF_DPI,
    });
    return {
      module: OcrCertificationModule,
      controllers: [ReadingHandler, InvoiceHandler, MarkingHandler, CertificateHandler],
      providers: [
        { provide: EVIDENCE_KEY, useValue: key },
        {
          provide: ExtractCertificate,
          useValue: certificateExtraction(config, messaging, key, readDocument),
        },
        { provide: ReadDocument, useValue: readDocument },
        { provide: MarkDocument, useValue: markDocument },
        { provide: ExtractInvoice, useValue: new ExtractInvoice(readDocument, () => new Date()) },
      ],
    };
  }
}

function certificateExtraction(
  config: OcrCertificationConfig,
  messaging: Messaging,
  key: EvidenceKey,
  readDocument: ReadDocument,
): ExtractCertificate {
  const verdict = { doubtful: config.CERTIFICATE_DOUBTFUL, certain: config.CERTIFICATE_CERTAIN };
  const limits = { maxBytes: config.OCR_MAX_BYTES, maxPages: config.OCR_MAX_PAGES, dpi: config.OCR_PDF_DPI };
  return new ExtractCertificate(
    {
      readDocument,
      pictures: new DocumentPictures(messaging.blobs, limits),
      measureQuality: new MeasureQuality(qualityThreads(config.OCR_QUALITY_THREADS)),
      checkFace: new CheckFace(messaging),
      issueEvidence: new IssueEvidence(key, verdict, PRODUCT_VERSION),
      blobs: messaging.blobs,
    },
    { verdict, quality: qualityThresholds(config) },
    () => new Date(),
  );
}
