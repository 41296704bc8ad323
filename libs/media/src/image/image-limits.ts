export interface ImageLimits {
  readonly maxBytes: number;
  /** Width times height; decoded pixels cost three bytes each whatever the file's size. */
  readonly maxPixels: number;
  /** Of the longer side. */
  readonly maxSide: number;
  /** Of one decode. */
  readonly timeoutSeconds: number;
}

export const IMAGE_LIMITS: ImageLimits = Object.freeze({
  maxBytes: 20 * 1024 * 1024,
  maxPixels: 50_000_000,
  maxSide: 20_000,
  timeoutSeconds: 10,
});
