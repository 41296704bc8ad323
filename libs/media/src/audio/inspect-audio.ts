import { admit, type Origin, unsupported } from '../media-type/admit.js';
import { type AudioContainer, type AudioFormat, type AudioHeader, readAudioHeader } from './audio-header.js';
import { AUDIO_LIMITS, type AudioLimits } from './audio-limits.js';

export interface AudioOptions extends Origin {
  readonly limits?: Partial<AudioLimits> | undefined;
}

export interface InspectedAudio {
  readonly format: AudioFormat;
  readonly sampleRate: number;
  readonly channels: number;
  /** By the header's word; undefined where the file does not say. */
  readonly durationSeconds: number | undefined;
}

const CONTAINERS: Readonly<Record<string, AudioContainer>> = {
  'audio/wav': 'wav',
  'audio/flac': 'flac',
  'audio/mpeg': 'mp3',
  'audio/ogg': 'ogg',
};
const ACCEPTED = 'WAV, FLAC, MP3 and OGG (Opus, Vorbis)';

/** Reads the header alone and refuses what is no audio, not what it was declared to be, or past the limits. */
export async function inspectAudio(bytes: Uint8Array, options: AudioOptions = {}): Promise<InspectedAudio> {
  const { header } = await openAudio(bytes, options);
  const { format, sampleRate, channels, frames } = header;
  return {
    format,
    sampleRate,
    channels,
    durationSeconds: frames === undefined ? undefined : frames / sampleRate,
  };
}

export async function openAudio(
  bytes: Uint8Array,
  options: AudioOptions,
): Promise<{ container: AudioContainer; header: AudioHeader; limits: AudioLimits }> {
  const limits = { ...AUDIO_LIMITS, ...options.limits };
  const { maxBytes } = limits;
  const admission = { noun: 'audio', formats: CONTAINERS, accepted: ACCEPTED, maxBytes };
  const container = await admit(bytes, admission, options);
  const header = readAudioHeader(container, bytes, options);
  refuseBeyond(limits, header, options);
  return { container, header, limits };
}

function refuseBeyond(
  limits: AudioLimits,
  { sampleRate, channels, frames }: AudioHeader,
  origin: Origin,
): void {
  if (sampleRate < limits.minSampleRate || sampleRate > limits.maxSampleRate) {
    throw unsupported(
      `The audio has ${sampleRate} samples per second; ${limits.minSampleRate} to ${limits.maxSampleRate} are accepted.`,
      origin,
    );
  }
  if (channels < 1 || channels > limits.maxChannels) {
    throw unsupported(`The audio has ${channels} channels; 1 to ${limits.maxChannels} are accepted.`, origin);
  }
  if (frames === 0) throw unsupported('The audio holds no samples.', origin);
  if (frames !== undefined && frames > limits.maxSeconds * sampleRate) {
    throw unsupported(
      `The audio is ${Math.round(frames / sampleRate)} s long; at most ${limits.maxSeconds} s are accepted.`,
      origin,
    );
  }
}
