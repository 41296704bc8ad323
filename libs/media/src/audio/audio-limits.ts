export interface AudioLimits {
  readonly maxBytes: number;
  readonly maxSeconds: number;
  readonly maxChannels: number;
  readonly minSampleRate: number;
  readonly maxSampleRate: number;
  /** Of one decode, once a thread has taken it. */
  readonly timeoutSeconds: number;
}

export const AUDIO_LIMITS: AudioLimits = Object.freeze({
  maxBytes: 25 * 1024 * 1024,
  maxSeconds: 600,
  maxChannels: 8,
  minSampleRate: 4000,
  maxSampleRate: 192_000,
  timeoutSeconds: 30,
});
