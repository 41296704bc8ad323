import type { ImageFormat } from './inspect-image.js';

const PNG_SIGNATURE_BYTES = 8;
const PNG_CHUNK_OVERHEAD = 12; // length, type and checksum
const START_OF_SCAN = 0xda;
const END_OF_IMAGE = Buffer.from([0xff, 0xd9]);

/**
 * Whether the file reaches its own end mark. Reads the container alone, so that the edge can refuse a
 * cut-off upload without decoding it.
 */
export function reachesItsEnd(format: ImageFormat, bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return ENDS[format](buffer);
}

const ENDS = {
  png: hasEndChunk,
  jpeg: hasEndAfterScan,
  webp: (buffer) => buffer.byteLength >= 12 && buffer.byteLength >= 8 + buffer.readUInt32LE(4),
} as const satisfies Record<ImageFormat, (buffer: Buffer) => boolean>;

function hasEndChunk(buffer: Buffer): boolean {
  let offset = PNG_SIGNATURE_BYTES;
  while (offset + PNG_CHUNK_OVERHEAD <= buffer.byteLength) {
    const next = offset + PNG_CHUNK_OVERHEAD + buffer.readUInt32BE(offset);
    if (buffer.toString('latin1', offset + 4, offset + 8) === 'IEND') return next <= buffer.byteLength;
    offset = next;
  }
  return false;
}

/** The mark must follow the first scan: an embedded thumbnail has one of its own before it. */
function hasEndAfterScan(buffer: Buffer): boolean {
  let offset = 2;
  while (offset + 4 <= buffer.byteLength && buffer[offset] === 0xff) {
    const marker = buffer[offset + 1];
    if (marker === START_OF_SCAN) return buffer.lastIndexOf(END_OF_IMAGE) > offset;
    offset += marker === 0xff ? 1 : 2 + buffer.readUInt16BE(offset + 2);
  }
  return false;
}
