import type { AudioHeader, Refuse } from './audio-header.js';

const PAGE_HEADER_BYTES = 27;
const OPUS_RATE = 48_000; // Opus counts in 48 kHz whatever was recorded
const UNKNOWN_POSITION = 0xffff_ffff_ffff_ffffn;

interface OggPage {
  /** Samples up to the end of this page. */
  readonly position: bigint;
  readonly payload: number;
  readonly end: number;
}

/** Codec from the first page, length from the last. */
export function readOggHeader(file: Buffer, refuse: Refuse): AudioHeader {
  const first = readPage(file, 0);
  if (first === undefined || first.end > file.byteLength) throw refuse('is cut off within its first page');
  const last = readPage(file, file.lastIndexOf('OggS', undefined, 'latin1'));
  if (last === undefined || last.end > file.byteLength) throw refuse('is cut off within its last page');
  const packet = file.subarray(first.payload, first.end);
  const total = last.position === UNKNOWN_POSITION ? undefined : Number(last.position);
  if (packet.byteLength >= 19 && packet.toString('latin1', 0, 8) === 'OpusHead') {
    const preSkip = packet.readUInt16LE(10);
    const frames = total === undefined ? undefined : Math.max(0, total - preSkip);
    return { format: 'ogg-opus', sampleRate: OPUS_RATE, channels: packet.readUInt8(9), frames };
  }
  if (packet.byteLength >= 16 && packet.toString('latin1', 0, 7) === '\u0001vorbis') {
    const sampleRate = packet.readUInt32LE(12);
    return { format: 'ogg-vorbis', sampleRate, channels: packet.readUInt8(11), frames: total };
  }
  throw refuse('holds another codec; Opus and Vorbis are accepted');
}

function readPage(file: Buffer, offset: number): OggPage | undefined {
  if (offset < 0 || offset + PAGE_HEADER_BYTES > file.byteLength) return undefined;
  const payload = offset + PAGE_HEADER_BYTES + file.readUInt8(offset + 26);
  const lengths = file.subarray(offset + PAGE_HEADER_BYTES, payload);
  const size = lengths.reduce((sum, length) => sum + length, 0);
  return { position: file.readBigUInt64LE(offset + 6), payload, end: payload + size };
}
