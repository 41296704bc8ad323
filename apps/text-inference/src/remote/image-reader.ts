import type { Blobs } from '@trivium/messaging';
import type { ImageReader } from './chat-request.js';

/** What upstreams commonly take as one picture. */
const MAX_IMAGE_BYTES = 20 * 1024 * 1024;

export function imageReader(blobs: Pick<Blobs, 'get'>): ImageReader {
  return async (image) => {
    const bytes = await blobs.get(image, { maxBytes: MAX_IMAGE_BYTES });
    const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
    return `data:${image.mediaType};base64,${base64}`;
  };
}
