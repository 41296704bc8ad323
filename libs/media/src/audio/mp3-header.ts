import type { AudioHeader, Refuse } from './audio-header.js';

const SEARCH_BYTES = 64 * 1024;
const SAMPLE_RATES: Readonly<Record<number, readonly number[]>> = {
  3: [44_100, 48_000, 32_000], // MPEG 1
  2: [22_050, 24_000, 16_000], // MPEG 2
  0: [11_025, 12_000, 8000], // MPEG 2.5
};

interface Mp3Frame {
  readonly offset: number;
  readonly sampleRate: number;
  readonly channels: number;
  readonly samples: number;
  readonly sideInfoBytes: number;
}

/** The first frame, and the count of frames where the encoder left one (Xing or Info tag). */
export function readMp3Header(file: Buffer, refuse: Refuse): AudioHeader {
  const frame = findFrame(file);
  if (frame === undefined) throw refuse('holds no MPEG frame');
  const { sampleRate, channels, samples } = frame;
  const count = readFrameCount(file, frame);
  return { format: 'mp3', sampleRate, channels, frames: count === undefined ? undefined : count * samples };
}

function findFrame(file: Buffer): Mp3Frame | undefined {
  const start = endOfId3(file);
  const end = Math.min(file.byteLength - 4, start + SEARCH_BYTES);
  for (let offset = start; offset <= end; offset += 1) {
    const frame = readFrame(file.readUInt32BE(offset), offset);
    if (frame !== undefined) return frame;
  }
  return undefined;
}

function endOfId3(file: Buffer): number {
  if (file.byteLength < 10 || file.toString('latin1', 0, 3) !== 'ID3') return 0;
  return 10 + file.subarray(6, 10).reduce((size, byte) => size * 128 + (byte & 0x7f), 0);
}

function readFrame(word: number, offset: number): Mp3Frame | undefined {
  if (word >>> 21 !== 0x7ff) return undefined;
  const version = (word >>> 19) & 3;
  const layer = 4 - ((word >>> 17) & 3);
  const bitrate = (word >>> 12) & 15;
  const sampleRate = SAMPLE_RATES[version]?.[(word >>> 10) & 3];
  if (sampleRate === undefined || layer === 4 || bitrate === 0 || bitrate === 15) return undefined;
  const channels = ((word >>> 6) & 3) === 3 ? 1 : 2;
  const samples = layer === 1 ? 384 : layer === 3 && version !== 3 ? 576 : 1152;
  const sideInfoBytes = version === 3 ? (channels === 1 ? 17 : 32) : channels === 1 ? 9 : 17;
  return { offset, sampleRate, channels, samples, sideInfoBytes };
}

function readFrameCount(file: Buffer, { offset, sideInfoBytes }: Mp3Frame): number | undefined {
  const tag = offset + 4 + sideInfoBytes;
  if (tag + 12 > file.byteLength) return undefined;
  const name = file.toString('latin1', tag, tag + 4);
  const hasCount = (file.readUInt32BE(tag + 4) & 1) === 1;
  return (name === 'Xing' || name === 'Info') && hasCount ? file.readUInt32BE(tag + 8) : undefined;
}
