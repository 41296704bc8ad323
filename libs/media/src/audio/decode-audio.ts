import { cancellation, IsolationFailure } from '../isolation/isolation-failure.js';
import { unsupported } from '../media-type/admit.js';
import type { AudioFormat } from './audio-header.js';
import { audioThreads } from './audio-jobs.js';
import { type AudioOptions, openAudio } from './inspect-audio.js';

export interface DecodeAudioOptions extends AudioOptions {
  /** Samples per second wanted; absent: as in the file. */
  readonly resampleTo?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface DecodedAudio {
  readonly format: AudioFormat;
  /** Of the file as given. */
  readonly sampleRate: number;
  readonly channels: number;
  readonly durationSeconds: number;
  /** All channels mixed to one, nominally -1..1. */
  readonly samples: Float32Array;
  /** Of `samples`: `resampleTo`, else `sampleRate`. */
  readonly samplesRate: number;
}

/** Decodes on a thread of its own and refuses whatever is damaged, cut off or longer than it may be. */
export async function decodeAudio(
  bytes: Uint8Array,
  options: DecodeAudioOptions = {},
): Promise<DecodedAudio> {
  const { container, header, limits } = await openAudio(bytes, options);
  const { format, sampleRate, channels } = header;
  const samplesRate = options.resampleTo ?? sampleRate;
  const { path, declaredType, signal } = options;
  const origin = { path, declaredType };
  try {
    const { samples, frames } = await audioThreads.run(
      { kind: 'decode', bytes, container, header, limits, resampleTo: samplesRate, origin },
      { timeoutMs: limits.timeoutSeconds * 1000, signal },
    );
    return { format, sampleRate, channels, durationSeconds: frames / sampleRate, samples, samplesRate };
  } catch (error) {
    if (!(error instanceof IsolationFailure)) throw error;
    if (error.reason === 'aborted') {
      throw cancellation('Decoding the audio', error);
    }
    const reason =
      error.reason === 'timed-out'
        ? `takes longer than ${limits.timeoutSeconds} s to decode`
        : 'cannot be decoded: it is damaged';
    throw unsupported(`The audio ${reason}.`, options, error);
  }
}
