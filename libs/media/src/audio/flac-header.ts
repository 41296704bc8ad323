import type { AudioHeader, Refuse } from './audio-header.js';

const STREAM_INFO_END = 4 + 4 + 34; // marker, block header, STREAMINFO

/** STREAMINFO is by rule the first metadata block. A total of zero means that the encoder did not know. */
export function readFlacHeader(file: Buffer, refuse: Refuse): AudioHeader {
  const marked = file.toString('latin1', 0, 4) === 'fLaC' && ((file[4] ?? 0) & 0x7f) === 0;
  if (file.byteLength < STREAM_INFO_END || !marked) throw refuse('has a damaged or missing stream header');
  // 20 bits of sample rate, 3 of channels, 5 of depth, 36 of total samples
  const packed = file.readBigUInt64BE(18);
  const frames = Number(packed & 0xf_ffff_ffffn);
  return {
    format: 'flac',
    sampleRate: Number(packed >> 44n),
    channels: Number((packed >> 41n) & 0x7n) + 1,
    frames: frames === 0 ? undefined : frames,
  };
}

/** Where the metadata blocks end. */
export function firstFlacFrame(file: Buffer): number {
  let offset = 4;
  let isLast = false;
  while (!isLast && offset + 4 <= file.byteLength) {
    isLast = (file.readUInt8(offset) & 0x80) !== 0;
    offset += 4 + file.readUIntBE(offset + 1, 3);
  }
  return offset;
}
