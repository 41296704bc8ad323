import type { AudioHeader, Refuse } from './audio-header.js';

const STREAM_INFO_END = 4 + 4 + 34; // marker, block header, STREAMINFO

/** STREAMINFO is by rule the first metadata block. A total of zero means that the encoder did not know. */
export function readFlacHeader(file: Buffer, refuse: Refuse): AudioHeader {
  const blockType = (file[4] ?? 0) & 0x7f;
  if (file.byteLength < STREAM_INFO_END || blockType !== 0)
    throw refuse('has a damaged or missing stream header');
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
