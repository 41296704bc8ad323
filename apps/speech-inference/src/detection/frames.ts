import { Biquad } from './biquad.js';

/** What the detector listens to: the analysis rate of everything below. */
export const ANALYSIS_RATE = 16_000;
export const FRAME_SECONDS = 0.02;
const FRAME_SAMPLES = ANALYSIS_RATE * FRAME_SECONDS;
/** Below any recording's own noise; keeps the logarithm finite. */
const SILENCE_DB = -100;

/** The voice's band: below it hum and rumble, above it mostly hiss. */
const LOW_CUT_HZ = 150;
const HIGH_CUT_HZ = 3800;

export interface Frames {
  /** Power within the voice's band, in dB of full scale. */
  readonly levels: Float32Array;
  /** Share of neighbouring samples with opposite signs, hum removed: high for hiss and for s, f, sh. */
  readonly crossings: Float32Array;
}

/** Cuts the signal into frames of 20 ms and measures each. */
export function measureFrames(samples: Float32Array): Frames {
  const count = Math.ceil(samples.length / FRAME_SAMPLES);
  const levels = new Float32Array(count);
  const crossings = new Float32Array(count);
  const cutLow = new Biquad('high-pass', LOW_CUT_HZ, ANALYSIS_RATE);
  const cutHigh = new Biquad('low-pass', HIGH_CUT_HZ, ANALYSIS_RATE);
  const scratch = new Float32Array(FRAME_SAMPLES);
  for (let frame = 0; frame < count; frame += 1) {
    const piece = samples.subarray(frame * FRAME_SAMPLES, (frame + 1) * FRAME_SAMPLES);
    const filtered = scratch.subarray(0, piece.length);
    cutLow.run(piece, filtered);
    crossings[frame] = crossingShare(filtered);
    cutHigh.run(filtered, filtered);
    levels[frame] = Math.max(SILENCE_DB, 10 * Math.log10(meanPower(filtered)));
  }
  return { levels, crossings };
}

function crossingShare(samples: Float32Array): number {
  let changes = 0;
  let wasPositive = (samples[0] ?? 0) >= 0;
  for (const sample of samples) {
    const isPositive = sample >= 0;
    if (isPositive !== wasPositive) changes += 1;
    wasPositive = isPositive;
  }
  return changes / samples.length;
}

function meanPower(samples: Float32Array): number {
  let power = 0;
  for (const sample of samples) power += sample * sample;
  return power / samples.length;
}
