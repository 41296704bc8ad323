import { FLACDecoder } from '@wasm-audio-decoders/flac';
import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis';
import { MPEGDecoder } from 'mpg123-decoder';
import { OggOpusDecoder } from 'ogg-opus-decoder';
import type { AudioFormat } from './audio-header.js';
import { firstFlacFrame } from './flac-header.js';

/** @NOTE small, because a few bytes can hold seconds of silence: what one step decodes must stay bounded. */
const STEP_BYTES = 2048;
const FLAC_HEADER_BYTES = 24;

export type CompressedFormat = Exclude<AudioFormat, 'wav'>;

export interface DecodedBlock {
  readonly channelData: readonly Float32Array[];
  readonly sampleRate: number;
  readonly errors: readonly { readonly message: string }[];
}

interface Decoder {
  readonly ready: Promise<void>;
  decode(data: Uint8Array): DecodedBlock | Promise<DecodedBlock>;
  free(): void;
}

/** Yields what each step decoded; the decoders are WebAssembly and synchronous within a step. */
export async function* decodeCompressed(
  format: CompressedFormat,
  bytes: Uint8Array,
): AsyncGenerator<DecodedBlock> {
  switch (format) {
    case 'flac': {
      const decoder = new FLACDecoder();
      yield* decodeSteps(decoder, bytes, () => decoder.decode(startOfFirstFrame(bytes)));
      break;
    }
    case 'mp3':
      yield* decodeSteps(new MPEGDecoder(), bytes);
      break;
    case 'ogg-opus': {
      const decoder = new OggOpusDecoder();
      yield* decodeSteps(decoder, bytes, () => decoder.flush());
      break;
    }
    case 'ogg-vorbis': {
      const decoder = new OggVorbisDecoder();
      yield* decodeSteps(decoder, bytes, () => decoder.flush());
      break;
    }
  }
}

async function* decodeSteps(
  decoder: Decoder,
  bytes: Uint8Array,
  end?: () => Promise<DecodedBlock>,
): AsyncGenerator<DecodedBlock> {
  await decoder.ready;
  try {
    for (let start = 0; start < bytes.byteLength; start += STEP_BYTES) {
      yield await decoder.decode(bytes.subarray(start, start + STEP_BYTES));
    }
    if (end !== undefined) yield await end();
  } finally {
    decoder.free();
  }
}

/**
 * @NOTE the FLAC decoder gives up a frame once it sees the next one begin, and its flush loses the last
 * frame. The beginning of the first frame, fed again at the end, is the sign it waits for; it is too
 * short to be taken for a frame itself.
 */
function startOfFirstFrame(bytes: Uint8Array): Uint8Array {
  const first = firstFlacFrame(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return bytes.subarray(first, first + FLAC_HEADER_BYTES);
}
