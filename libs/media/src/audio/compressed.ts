import { FLACDecoder } from '@wasm-audio-decoders/flac';
import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis';
import { MPEGDecoder } from 'mpg123-decoder';
import { OggOpusDecoder } from 'ogg-opus-decoder';
import type { AudioFormat } from './audio-header.js';

/** @NOTE small, because a few bytes can hold seconds of silence: what one step decodes must stay bounded. */
const STEP_BYTES = 2048;

export type CompressedFormat = Exclude<AudioFormat, 'wav'>;

export interface DecodedBlock {
  readonly channelData: readonly Float32Array[];
  readonly sampleRate: number;
  readonly errors: readonly { readonly message: string }[];
}

interface Decoder {
  readonly ready: Promise<void>;
  decode(data: Uint8Array): DecodedBlock | Promise<DecodedBlock>;
  flush?(): Promise<DecodedBlock>;
  free(): void;
}

const DECODERS = {
  flac: () => new FLACDecoder(),
  mp3: () => new MPEGDecoder(),
  'ogg-opus': () => new OggOpusDecoder(),
  'ogg-vorbis': () => new OggVorbisDecoder(),
} as const satisfies Record<CompressedFormat, () => Decoder>;

export async function* decodeCompressed(
  format: CompressedFormat,
  bytes: Uint8Array,
): AsyncGenerator<DecodedBlock> {
  const decoder: Decoder = DECODERS[format]();
  await decoder.ready;
  try {
    for (let start = 0; start < bytes.byteLength; start += STEP_BYTES) {
      yield await decoder.decode(bytes.subarray(start, start + STEP_BYTES));
    }
    if (decoder.flush !== undefined) yield await decoder.flush();
  } finally {
    decoder.free();
  }
}
