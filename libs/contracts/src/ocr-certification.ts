import { z } from 'zod';
import { Binary, Quadrilateral } from './content.js';
import { call } from './define.js';
import { Invoice } from './invoice.js';
import { Execution } from './model.js';
import { TextLine } from './vision-inference.js';

const DocumentRequest = z.object({
  /** An image (PNG, JPEG, WebP), a PDF or an OFD. */
  document: Binary,
  filename: z.string().optional(),
  /** Page numbers from 1; absent: all, up to the configured limit. */
  pages: z.array(z.int().positive()).min(1).optional(),
  /** Where the client wrote the document, for errors. */
  path: z.string().optional(),
});

const DOCUMENT_ERRORS = [
  'invalid_request',
  'unsupported_media',
  'payload_too_large',
  'model_not_available',
  'overloaded',
  'unavailable',
  'deadline_exceeded',
] as const;

/** Where the lines of a page come from: recognised in its picture, or stored in the file. */
export const TextSource = z.enum(['ocr', 'text-layer', 'ofd']);
export type TextSource = z.output<typeof TextSource>;

/** A QR code or barcode that stands on a page. */
export const DocumentCode = z.object({
  /** In lower case: `qrcode`, `code128`, `ean13`. */
  format: z.string(),
  text: z.string(),
  quadrilateral: Quadrilateral,
});
export type DocumentCode = z.output<typeof DocumentCode>;

/** Lines that belong together; in reading order on their page. */
export const LayoutBlock = z.object({
  type: z.enum(['title', 'paragraph', 'key-value', 'table']),
  /** Around all of its lines, upright. */
  quadrilateral: Quadrilateral,
  /** Indexes into the lines of the page, in reading order. */
  lines: z.array(z.int().nonnegative()),
  /** Texts by row and cell: one of a title or paragraph, two in each row of a key-value block. */
  rows: z.array(z.array(z.string())),
});
export type LayoutBlock = z.output<typeof LayoutBlock>;

export const DocumentPage = z.object({
  page: z.int().positive(),
  /** Of the page's picture, in pixels; quadrilaterals are in this frame, whether it was drawn or not. */
  width: z.int().positive(),
  height: z.int().positive(),
  /** Absent: `ocr`. */
  source: TextSource.optional(),
  lines: z.array(TextLine),
  /** Absent: none were looked for. */
  codes: z.array(DocumentCode).optional(),
  /** Absent unless asked for. */
  blocks: z.array(LayoutBlock).optional(),
  /** The blocks, written by code. Absent unless asked for. */
  markdown: z.string().optional(),
});
export type DocumentPage = z.output<typeof DocumentPage>;

export const ReadDocumentReply = z.object({
  pages: z.array(DocumentPage),
  execution: z.array(Execution),
});
export type ReadDocumentReply = z.output<typeof ReadDocumentReply>;

const ReadDocumentRequest = DocumentRequest.extend({
  /** Whether to answer blocks and Markdown too. */
  layout: z.boolean().optional(),
});

export const readDocument = call({
  subject: 'ocr-certification.read-document.v1',
  request: ReadDocumentRequest,
  reply: ReadDocumentReply,
  errors: DOCUMENT_ERRORS,
});

export const ExtractInvoiceReply = z.object({
  /** Null when the text does not look like an invoice; `pages` still holds what was read. */
  invoice: Invoice.nullable(),
  pages: z.array(DocumentPage),
  execution: z.array(Execution),
});
export type ExtractInvoiceReply = z.output<typeof ExtractInvoiceReply>;

export const extractInvoice = call({
  subject: 'ocr-certification.extract-invoice.v1',
  request: DocumentRequest,
  reply: ExtractInvoiceReply,
  errors: DOCUMENT_ERRORS,
});

/** A page as a JPEG with the places outlined and numbered from 1, in the order given. */
export const markDocument = call({
  subject: 'ocr-certification.mark-document.v1',
  request: DocumentRequest.omit({ pages: true }).extend({
    page: z.int().positive().default(1),
    /** In the frame in which the page was read. */
    places: z.array(Quadrilateral).min(1).max(100),
  }),
  reply: z.object({
    /** Always inline: made small enough for a message. */
    picture: Binary,
    width: z.int().positive(),
    height: z.int().positive(),
  }),
  errors: [
    'invalid_request',
    'unsupported_media',
    'payload_too_large',
    'overloaded',
    'unavailable',
    'deadline_exceeded',
  ],
});
