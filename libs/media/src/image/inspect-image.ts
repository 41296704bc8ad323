import type { Metadata } from 'sharp';
import { admit, type Origin, unsupported } from '../media-type/admit.js';
import { reachesItsEnd } from './completeness.js';
import { IMAGE_LIMITS, type ImageLimits } from './image-limits.js';
import { openImage } from './libvips.js';

export type ImageFormat = 'png' | 'jpeg' | 'webp';

export interface ImageOptions extends Origin {
  readonly limits?: Partial<ImageLimits> | undefined;
}

export interface ImageHeader {
  readonly format: ImageFormat;
  /** As seen: the orientation that the file asks for is applied. */
  readonly width: number;
  readonly height: number;
}

const FORMATS: Readonly<Record<string, ImageFormat>> = {
  'image/png': 'png',
  'image/jpeg': 'jpeg',
  'image/webp': 'webp',
};
const ACCEPTED = 'PNG, JPEG and WebP';

/**
 * Reads the header alone and refuses what is no image, is not what it was declared to be, exceeds the
 * limits, is animated or is cut off. Cheap enough for the edge: no pixel is decoded.
 */
export async function inspectImage(bytes: Uint8Array, options: ImageOptions = {}): Promise<ImageHeader> {
  const limits = { ...IMAGE_LIMITS, ...options.limits };
  const { maxBytes } = limits;
  const format = await admit(
    bytes,
    { noun: 'image', formats: FORMATS, accepted: ACCEPTED, maxBytes },
    options,
  );
  const { width, height, pages } = await readHeader(format, bytes, options);
  if (width * height > limits.maxPixels || Math.max(width, height) > limits.maxSide) {
    throw unsupported(
      `The image is ${width} x ${height} pixels; at most ${limits.maxPixels} pixels and ${limits.maxSide} per side are accepted.`,
      options,
    );
  }
  if (pages > 1) throw unsupported(`The image is animated (${pages} frames); send one frame.`, options);
  if (!reachesItsEnd(format, bytes)) {
    throw unsupported(`The ${format.toUpperCase()} image is cut off before its end.`, options);
  }
  return { format, width, height };
}

async function readHeader(
  format: ImageFormat,
  bytes: Uint8Array,
  origin: Origin,
): Promise<{ width: number; height: number; pages: number }> {
  let metadata: Metadata;
  try {
    // No pixel limit here: the header costs nothing and the refusal can tell the true size.
    metadata = await openImage(bytes, { limitInputPixels: false }).metadata();
  } catch (error) {
    throw unsupported(
      `The ${format.toUpperCase()} image cannot be read: its header is damaged or cut off.`,
      origin,
      error,
    );
  }
  const { width, height } = metadata.autoOrient;
  return { width, height, pages: metadata.pages ?? 1 };
}
