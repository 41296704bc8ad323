import { type DynamicModule, Module } from '@nestjs/common';
import type { Messaging } from '@trivium/messaging';
import { ExtractInvoice } from './invoice/extract-invoice.js';
import { InvoiceHandler } from './invoice/invoice.handler.js';
import { MarkDocument } from './marking/mark-document.js';
import { MarkingHandler } from './marking/marking.handler.js';
import type { OcrCertificationConfig } from './ocr-certification.config.js';
import { CodeReader } from './reading/code-reader.js';
import { OfdReader } from './reading/ofd-reader.js';
import { PageReader } from './reading/page-reader.js';
import { PdfReader } from './reading/pdf-reader.js';
import { ReadDocument } from './reading/read-document.js';
import { ReadingHandler } from './reading/reading.handler.js';

@Module({})
export class OcrCertificationModule {
  static register(config: OcrCertificationConfig, messaging: Messaging): DynamicModule {
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
      controllers: [ReadingHandler, InvoiceHandler, MarkingHandler],
      providers: [
        { provide: ReadDocument, useValue: readDocument },
        { provide: MarkDocument, useValue: markDocument },
        { provide: ExtractInvoice, useValue: new ExtractInvoice(readDocument, () => new Date()) },
      ],
    };
  }
}
