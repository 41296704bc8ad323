export interface OfdLimits {
  readonly maxBytes: number;
  /** Read in one go; a longer document is refused unless the caller names the pages. */
  readonly maxPages: number;
  /** Files inside the package. */
  readonly maxParts: number;
  /** Of one file once it is inflated, and of all that are read together. */
  readonly maxPartBytes: number;
  readonly maxTotalBytes: number;
  /** Elements inside elements. */
  readonly maxDepth: number;
  /** Characters that one page may place. */
  readonly maxCharacters: number;
  /** Of the whole document. */
  readonly timeoutSeconds: number;
}

export const OFD_LIMITS: OfdLimits = Object.freeze({
  maxBytes: 32 * 1024 * 1024,
  maxPages: 50,
  maxParts: 2_000,
  maxPartBytes: 8 * 1024 * 1024,
  maxTotalBytes: 32 * 1024 * 1024,
  maxDepth: 64,
  maxCharacters: 50_000,
  timeoutSeconds: 10,
});
