import type { Quadrilateral } from '@trivium/contracts/content';
import type { DocumentCode } from '@trivium/contracts/ocr-certification';
import { IMAGE_LIMITS } from '../image/image-limits.js';
import { type ImageOptions, inspectImage } from '../image/inspect-image.js';
import { openImage } from '../image/libvips.js';
import { cancellation, IsolationFailure } from '../isolation/isolation-failure.js';
import { WorkerPool } from '../isolation/worker-pool.js';
import { unsupported } from '../media-type/admit.js';
import type { Pixels } from './scan-codes.js';

export interface ReadCodesOptions extends ImageOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Of the longer side: codes on a page are legible at this size, and a scan stays short. */
const SCANNED_SIDE = 1800;
const TIMEOUT_MS = 5_000;
const THREADS = 2;

// @NOTE relative to `src` and to `dist` alike, so that specs running from source find the compiled thread.
const MODULE = new URL('../../dist/codes/codes.worker.js', import.meta.url);

const threads = new WorkerPool<Pixels, DocumentCode[]>(MODULE, THREADS);

/**
 * The QR codes and barcodes of a picture, placed in its upright frame. Pictures are refused as
 * `decodeImage` refuses them.
 */
export async function readCodes(bytes: Uint8Array, options: ReadCodesOptions = {}): Promise<DocumentCode[]> {
  const { width } = await inspectImage(bytes, options);
  try {
    const pixels = await shrink(bytes, options);
    const transfer = [pixels.data.buffer];
    const codes = await threads.run(pixels, { timeoutMs: TIMEOUT_MS, signal: options.signal, transfer });
    return codes.map((code) => ({
      ...code,
      quadrilateral: enlarge(code.quadrilateral, width / pixels.width),
    }));
  } catch (error) {
    if (error instanceof IsolationFailure && error.reason === 'aborted') {
      throw cancellation('Looking for codes', error);
    }
    throw unsupported('The image cannot be searched for codes.', options, error);
  }
}

async function shrink(bytes: Uint8Array, options: ImageOptions): Promise<Pixels> {
  const limits = { ...IMAGE_LIMITS, ...options.limits };
  const { data, info } = await openImage(bytes, { limitInputPixels: limits.maxPixels, autoOrient: true })
    .timeout({ seconds: limits.timeoutSeconds })
    .resize({ width: SCANNED_SIDE, height: SCANNED_SIDE, fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: Uint8ClampedArray.from(data) };
}

function enlarge(corners: Quadrilateral, scale: number): Quadrilateral {
  return corners.map(([x, y]) => [x * scale, y * scale]) as Quadrilateral;
}
