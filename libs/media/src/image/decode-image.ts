import { DomainError } from '@trivium/contracts';
import { unsupported } from '../media-type/admit.js';
import { IMAGE_LIMITS } from './image-limits.js';
import { type ImageFormat, type ImageOptions, inspectImage } from './inspect-image.js';
import { openImage } from './libvips.js';

export interface DecodedImage {
  readonly format: ImageFormat;
  readonly width: number;
  readonly height: number;
  readonly channels: 3;
  /** Row by row, RGB in sRGB, 8 bits each: `width * height * 3` bytes. */
  readonly data: Uint8Array;
}

/**
 * Upright 8-bit RGB pixels, transparency laid on white. A file that cannot be decoded to its last row
 * is refused whole. Runs on libvips' threads, not on the caller's.
 */
export async function decodeImage(bytes: Uint8Array, options: ImageOptions = {}): Promise<DecodedImage> {
  const { format } = await inspectImage(bytes, options);
  const limits = { ...IMAGE_LIMITS, ...options.limits };
  try {
    const { data, info } = await openImage(bytes, { limitInputPixels: limits.maxPixels, autoOrient: true })
      .timeout({ seconds: limits.timeoutSeconds })
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return { format, width: info.width, height: info.height, channels: rgb(info.channels), data: pixels };
  } catch (error) {
    if (DomainError.is(error)) throw error;
    const reason = isTimeout(error)
      ? `takes longer than ${limits.timeoutSeconds} s to decode`
      : 'cannot be decoded: it is damaged or cut off';
    throw unsupported(`The ${format.toUpperCase()} image ${reason}.`, options, error);
  }
}

function rgb(channels: number): 3 {
  if (channels !== 3) throw new Error(`Expected 3 channels from libvips, got ${channels}`);
  return channels;
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('timeout');
}
