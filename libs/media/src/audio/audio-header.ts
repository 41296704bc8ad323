import { type Origin, unsupported } from '../media-type/admit.js';
import { readFlacHeader } from './flac-header.js';
import { readMp3Header } from './mp3-header.js';
import { readOggHeader } from './ogg-header.js';
import { readWavHeader } from './wav.js';

export type AudioFormat = 'wav' | 'flac' | 'mp3' | 'ogg-opus' | 'ogg-vorbis';
export type AudioContainer = 'wav' | 'flac' | 'mp3' | 'ogg';

export interface AudioHeader {
  readonly format: AudioFormat;
  readonly sampleRate: number;
  readonly channels: number;
  /** Samples per channel by the file's own word; undefined where the format does not say. */
  readonly frames: number | undefined;
}

const READERS = {
  wav: readWavHeader,
  flac: readFlacHeader,
  mp3: readMp3Header,
  ogg: readOggHeader,
} as const satisfies Record<AudioContainer, (file: Buffer, refuse: Refuse) => AudioHeader>;

/** Makes the refusal that a reader throws; the message continues `The … audio`. */
export type Refuse = (reason: string) => Error;

export function readAudioHeader(container: AudioContainer, bytes: Uint8Array, origin: Origin): AudioHeader {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return READERS[container](file, refusing(container, origin));
}

export function refusing(container: AudioContainer, origin: Origin): Refuse {
  return (reason) => unsupported(`The ${container.toUpperCase()} audio ${reason}.`, origin);
}
