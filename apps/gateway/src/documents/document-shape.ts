import { Quadrilateral } from '@trivium/contracts/content';
import {
  DocumentCheck,
  DocumentField,
  INVOICE_DETAIL_NAMES,
  INVOICE_FIELDS,
  INVOICE_ITEM_CELLS,
  InvoiceKind,
  Invoice as InvoiceReading,
} from '@trivium/contracts/invoice';
import { LayoutBlock, TextSource } from '@trivium/contracts/ocr-certification';
import { z } from 'zod';
import { snakeKey } from './snake-case.js';

export const DocumentRequest = z
  .strictObject({
    document: z.string().optional().describe('data:image/png;base64,… (also jpeg, webp, pdf, ofd)'),
    file_id: z.string().optional().describe('of an upload to /v1/files, instead of document'),
    filename: z.string().max(255).optional(),
    pages: z.array(z.int().positive()).min(1).optional().describe('from 1; absent: all'),
  })
  .meta({ id: 'DocumentRequest' });
export type DocumentRequest = z.output<typeof DocumentRequest>;

/** Beside the part `file` of a form. */
export const DocumentFields = z.strictObject({
  pages: z
    .string()
    .regex(/^[1-9]\d{0,4}( *, *[1-9]\d{0,4})*$/, 'expected page numbers from 1, separated by commas')
    .optional(),
});

const Line = z.strictObject({ quadrilateral: Quadrilateral, text: z.string(), confidence: z.number() });

const Code = z.strictObject({
  format: z.string().describe('qrcode, code128, ean13, …'),
  text: z.string(),
  quadrilateral: Quadrilateral,
});

const Block = z.strictObject({
  type: LayoutBlock.shape.type,
  quadrilateral: Quadrilateral.describe('around all of its lines'),
  lines: z.array(z.int()).describe('indexes into the lines of the page, in reading order'),
  rows: z.array(z.array(z.string())).describe('texts by row and cell; key and value of a key-value block'),
});

export const Page = z
  .strictObject({
    page: z.int(),
    width: z.int(),
    height: z.int(),
    source: TextSource.optional().describe('recognised in the picture, or stored in the file'),
    lines: z.array(Line),
    codes: z.array(Code).optional(),
    blocks: z.array(Block).optional().describe('in reading order'),
    markdown: z.string().optional().describe('the blocks, written by code'),
  })
  .meta({ id: 'DocumentPage' });

export const Execution = z
  .strictObject({
    model: z.string(),
    variant: z.string(),
    placement: z.enum(['cpu', 'cuda', 'remote', 'rules']),
    queue_ms: z.number(),
    compute_ms: z.number(),
    batch_size: z.int(),
  })
  .meta({ id: 'Execution' });

const FieldReading = z
  .strictObject({
    value: z.string().describe('as printed'),
    normalized: z.string().nullable().describe('dates YYYY-MM-DD, amounts plain decimals'),
    confidence: z.number(),
    quadrilateral: Quadrilateral.nullable(),
    page: z.int(),
    source: DocumentField.shape.source,
  })
  .meta({ id: 'FieldReading' });

export const Field = z
  .strictObject({
    ...FieldReading.shape,
    alternatives: z
      .array(FieldReading)
      .optional()
      .describe('readings from other sources that differ and were not taken'),
  })
  .meta({ id: 'DocumentField' });

const named = (names: readonly string[]) =>
  z.strictObject(Object.fromEntries(names.map((name) => [snakeKey(name), Field.nullable()])));

/** Keys depend on the kind, so each may be absent. */
const Details = z.strictObject(
  Object.fromEntries(INVOICE_DETAIL_NAMES.map((name) => [snakeKey(name), Field.nullable().optional()])),
);

const Invoice = z
  .strictObject({
    document_type: z.strictObject({ kind: InvoiceKind, value: z.string(), confidence: z.number() }),
    fields: named(INVOICE_FIELDS),
    details: Details.describe('what only documents of this kind say; null: not read'),
    items: z.array(named(INVOICE_ITEM_CELLS)),
    checks: z.array(z.strictObject(DocumentCheck.shape)),
    verdict: InvoiceReading.shape.verdict,
    reasons: z.array(z.string()),
  })
  .meta({ id: 'Invoice' });

export const DocumentReading = z
  .strictObject({
    object: z.literal('document.text'),
    pages: z.array(Page),
    execution: z.array(Execution),
  })
  .meta({ id: 'DocumentReading' });

export const InvoiceExtraction = z
  .strictObject({
    object: z.literal('document.invoice'),
    invoice: Invoice.nullable().describe('null when the text does not look like an invoice'),
    pages: z.array(Page),
    execution: z.array(Execution),
  })
  .meta({ id: 'InvoiceExtraction' });
