import type { DocumentCode } from '@trivium/contracts/ocr-certification';
import type { TextLine } from '@trivium/contracts/vision-inference';
import { admit, type Origin } from '../media-type/admit.js';
import { choosePages } from '../page/choose-pages.js';
import { PDF_LIMITS, type PdfLimits } from './pdf-limits.js';
import { PdfProcess } from './pdf-process.js';
import type { TextLayerFault } from './text-layer.js';

export interface PdfOptions extends Origin {
  readonly limits?: Partial<PdfLimits> | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ReadPdfOptions extends PdfOptions {
  /** From 1, read in this order. Absent: all. */
  readonly pages?: readonly number[] | undefined;
  /** Dots per inch; default 200, at which small print is legible. */
  readonly dpi?: number | undefined;
  /** Whether to look for QR codes and barcodes too; default false. */
  readonly codes?: boolean | undefined;
}

interface PdfPlace {
  /** From 1. */
  readonly page: number;
  /** Of the whole document. */
  readonly pageCount: number;
  /** Of the page's picture, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Of the page's picture: lower than asked for where the page would have exceeded the pixel limit. */
  readonly dpi: number;
}

export interface RenderedPage extends PdfPlace {
  readonly png: Uint8Array;
}

interface ReadPage extends PdfPlace {
  /** Empty where none were asked for. */
  readonly codes: readonly DocumentCode[];
}

/** A page whose text is stored in the file; lines are placed in the picture it would make. */
export interface TextPage extends ReadPage {
  readonly kind: 'text';
  readonly lines: readonly TextLine[];
}

/** A page that must be looked at. */
export interface PicturePage extends ReadPage {
  readonly kind: 'picture';
  /** Why its text could not be taken from the file. */
  readonly because: TextLayerFault;
  readonly png: Uint8Array;
}

export type PdfPage = TextPage | PicturePage;

const DEFAULT_DPI = 200;
const FORMATS = { 'application/pdf': 'pdf' } as const;

/** How many pages there are; opens the document in a confined process. */
export async function inspectPdf(bytes: Uint8Array, options: PdfOptions = {}): Promise<{ pages: number }> {
  const limits = { ...PDF_LIMITS, ...options.limits };
  await admitPdf(bytes, limits, options);
  using pdf = new PdfProcess(limits, options);
  return { pages: await pdf.open(bytes) };
}

/**
 * Page by page as the consumer asks: the text that the file stores where it can be believed, else a
 * picture. Leaving the loop ends the process that reads. Encrypted, damaged or oversized documents and
 * pages are refused.
 */
export async function* readPdfPages(
  bytes: Uint8Array,
  options: ReadPdfOptions = {},
): AsyncGenerator<PdfPage, void, undefined> {
  const limits = { ...PDF_LIMITS, ...options.limits };
  await admitPdf(bytes, limits, options);
  using pdf = new PdfProcess(limits, options);
  const pageCount = await pdf.open(bytes);
  for (const page of choosePages('PDF', pageCount, limits.maxPages, options)) {
    const reply = await pdf.read(page, options.dpi ?? DEFAULT_DPI, options.codes ?? false);
    yield { page, pageCount, ...reply };
  }
}

/** As {@link readPdfPages}, always the pictures: for showing a page rather than reading it. */
export async function* renderPdfPages(
  bytes: Uint8Array,
  options: Omit<ReadPdfOptions, 'codes'> = {},
): AsyncGenerator<RenderedPage, void, undefined> {
  const limits = { ...PDF_LIMITS, ...options.limits };
  await admitPdf(bytes, limits, options);
  using pdf = new PdfProcess(limits, options);
  const pageCount = await pdf.open(bytes);
  for (const page of choosePages('PDF', pageCount, limits.maxPages, options)) {
    const { width, height, dpi, png } = await pdf.draw(page, options.dpi ?? DEFAULT_DPI);
    yield { page, pageCount, width, height, dpi, png };
  }
}

async function admitPdf(bytes: Uint8Array, { maxBytes }: PdfLimits, origin: Origin): Promise<void> {
  await admit(bytes, { noun: 'document', formats: FORMATS, accepted: 'PDF files', maxBytes }, origin);
}
