import type { AudioHeader, Refuse } from './audio-header.js';

const FLOAT = 3;
const EXTENSIBLE = 0xfffe;
/** What a recorder writes that could not seek back to fill in the size. */
const SIZE_UNKNOWN = 0xffff_ffff;
const ENCODINGS = ['1:8', '1:16', '1:24', '1:32', '3:32', '3:64'];
const BLOCK_FRAMES = 16_384;

export interface WavHeader extends AudioHeader {
  readonly format: 'wav';
  readonly frames: number;
  readonly encoding: 'integer' | 'float';
  readonly bytesPerSample: number;
  readonly dataOffset: number;
}

/** PCM of 8 to 32 bits and IEEE float; a size that the file does not hold is refused. */
export function readWavHeader(file: Buffer, refuse: Refuse): WavHeader {
  let description: Buffer | undefined;
  let offset = 12; // after RIFF, size, WAVE
  while (offset + 8 <= file.byteLength) {
    const id = file.toString('latin1', offset, offset + 4);
    const size = file.readUInt32LE(offset + 4);
    const start = offset + 8;
    if (id === 'fmt ') description = file.subarray(start, start + size);
    if (id === 'data') {
      if (description === undefined) throw refuse('has no format chunk before its samples');
      return withFormat(description, file, start, size, refuse);
    }
    offset = start + size + (size % 2);
  }
  throw refuse('holds no samples: its data chunk is missing or cut off');
}

function withFormat(
  description: Buffer,
  file: Buffer,
  dataOffset: number,
  size: number,
  refuse: Refuse,
): WavHeader {
  if (description.byteLength < 16) throw refuse('has a damaged format chunk');
  const tag = description.readUInt16LE(0);
  const kind = tag === EXTENSIBLE && description.byteLength >= 26 ? description.readUInt16LE(24) : tag;
  const channels = description.readUInt16LE(2);
  const sampleRate = description.readUInt32LE(4);
  const blockAlign = description.readUInt16LE(12);
  const bits = description.readUInt16LE(14);
  if (!ENCODINGS.includes(`${kind}:${bits}`)) {
    throw refuse(
      `is encoded as format ${kind} with ${bits} bits; PCM of 8, 16, 24 or 32 bits and float of 32 or 64 bits are accepted`,
    );
  }
  const bytesPerSample = bits / 8;
  if (channels === 0 || blockAlign !== channels * bytesPerSample)
    throw refuse('has a contradictory format chunk');
  const available = file.byteLength - dataOffset;
  if (size !== SIZE_UNKNOWN && size > available) {
    throw refuse(
      `promises ${size} bytes of samples and holds ${available}: it is cut off or its header lies`,
    );
  }
  const frames = Math.floor(Math.min(size, available) / blockAlign);
  const encoding = kind === FLOAT ? 'float' : 'integer';
  return { format: 'wav', sampleRate, channels, frames, encoding, bytesPerSample, dataOffset };
}

/** The samples in blocks, one array per channel, integers scaled to -1..1. */
export function* readWavBlocks(file: Buffer, header: WavHeader): Generator<Float32Array[]> {
  const { channels, frames, bytesPerSample, dataOffset } = header;
  const read = sampleReader(file, header);
  for (let from = 0; from < frames; from += BLOCK_FRAMES) {
    const length = Math.min(BLOCK_FRAMES, frames - from);
    const block = Array.from({ length: channels }, () => new Float32Array(length));
    let offset = dataOffset + from * channels * bytesPerSample;
    for (let frame = 0; frame < length; frame += 1) {
      for (const channel of block) {
        channel[frame] = read(offset);
        offset += bytesPerSample;
      }
    }
    yield block;
  }
}

function sampleReader(file: Buffer, { encoding, bytesPerSample }: WavHeader): (offset: number) => number {
  if (encoding === 'float') {
    return bytesPerSample === 4
      ? (offset) => file.readFloatLE(offset)
      : (offset) => file.readDoubleLE(offset);
  }
  if (bytesPerSample === 1) return (offset) => (file.readUInt8(offset) - 128) / 128;
  const scale = 2 ** (8 * bytesPerSample - 1);
  return (offset) => file.readIntLE(offset, bytesPerSample) / scale;
}
