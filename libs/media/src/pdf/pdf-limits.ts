export interface PdfLimits {
  readonly maxBytes: number;
  /** Read in one go; a longer document is refused unless the caller names the pages. */
  readonly maxPages: number;
  /** Of one rendered page; a page that would have more is rendered at a lower resolution. */
  readonly maxPagePixels: number;
  /** Pieces of text that one page may place; a page with more is looked at as a picture. */
  readonly maxTextPieces: number;
  /** Of one picture inside the document. */
  readonly maxImagePixels: number;
  /** Of opening the document, and of each page. */
  readonly timeoutSeconds: number;
  /** Resident memory of the process that reads. */
  readonly maxMemoryMiB: number;
}

export const PDF_LIMITS: PdfLimits = Object.freeze({
  maxBytes: 32 * 1024 * 1024,
  maxPages: 50,
  maxPagePixels: 25_000_000,
  maxTextPieces: 20_000,
  maxImagePixels: 100_000_000,
  timeoutSeconds: 20,
  maxMemoryMiB: 1536,
});
