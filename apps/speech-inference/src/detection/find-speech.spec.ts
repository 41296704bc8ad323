import { readFile } from 'node:fs/promises';
import type { SpeechSegment } from '@trivium/contracts/speech-inference';
import { decodeAudio } from '@trivium/media';
import { beforeAll, describe, expect, it } from 'vitest';
import { findSpeech } from './find-speech.js';
import { ANALYSIS_RATE } from './frames.js';

const SAMPLES = new URL('../../../../samples/audio/', import.meta.url);
/** Where the phrases of the samples are. */
const TRUTH = [
  { start: 0.8, end: 1.95 },
  { start: 2.95, end: 4.74 },
];
const TOLERANCE_SECONDS = 0.2;

async function sample(name: string): Promise<Float32Array> {
  const audio = await decodeAudio(await readFile(new URL(name, SAMPLES)), { resampleTo: ANALYSIS_RATE });
  return audio.samples;
}

/** The same sequence on every run, so that a failure can be repeated. */
function gaussian(seed: number): () => number {
  let state = seed;
  const uniform = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 1) / (2 ** 32 + 1);
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

function whiteNoise(length: number): Float32Array {
  const next = gaussian(7);
  return Float32Array.from({ length }, next);
}

/** Low tones louder than high ones, as fans and streets are; three one-pole filters (Kellet). */
function pinkNoise(length: number): Float32Array {
  const next = gaussian(11);
  const poles = [0, 0, 0];
  return Float32Array.from({ length }, () => {
    const white = next();
    poles[0] = 0.997_65 * (poles[0] ?? 0) + 0.099_046 * white;
    poles[1] = 0.963 * (poles[1] ?? 0) + 0.296_516_4 * white;
    poles[2] = 0.57 * (poles[2] ?? 0) + 1.052_691_3 * white;
    return poles.reduce((sum, pole) => sum + pole, 0.1848 * white);
  });
}

function mainsHum(length: number): Float32Array {
  const at = (hertz: number, index: number): number =>
    Math.sin((2 * Math.PI * hertz * index) / ANALYSIS_RATE);
  return Float32Array.from({ length }, (_, index) => at(50, index) + at(150, index) / 2 + at(450, index) / 3);
}

function power(samples: Float32Array): number {
  return samples.reduce((sum, value) => sum + value * value, 0) / samples.length;
}

function withNoise(speech: Float32Array, noise: Float32Array, decibels: number): Float32Array {
  const talking = TRUTH.map(({ start, end }) =>
    power(speech.subarray(start * ANALYSIS_RATE, end * ANALYSIS_RATE)),
  );
  const wanted = Math.max(...talking) / 10 ** (decibels / 10);
  const gain = Math.sqrt(wanted / power(noise));
  return speech.map((value, index) => value + gain * (noise[index] ?? 0));
}

function expectTruth(segments: readonly SpeechSegment[]): void {
  expect(segments).toHaveLength(TRUTH.length);
  segments.forEach(({ start, end }, index) => {
    expect(Math.abs(start - (TRUTH[index]?.start ?? NaN))).toBeLessThanOrEqual(TOLERANCE_SECONDS);
    expect(Math.abs(end - (TRUTH[index]?.end ?? NaN))).toBeLessThanOrEqual(TOLERANCE_SECONDS);
  });
}

describe('findSpeech', () => {
  let speech: Float32Array;
  beforeAll(async () => {
    speech = await sample('two-phrases.flac');
  });

  it.each([
    'two-phrases.wav',
    'two-phrases.flac',
    'two-phrases.mp3',
    'two-phrases-opus.ogg',
    'two-phrases-vorbis.ogg',
  ])('finds both phrases in %s', async (name) => {
    expectTruth(findSpeech(await sample(name)));
  });

  const NOISES = { white: whiteNoise, pink: pinkNoise, hum: mainsHum };
  it.each(
    Object.entries(NOISES).flatMap(([name, make]) =>
      [30, 20, 15, 10].map((decibels) => ({ name, make, decibels })),
    ),
  )('finds both phrases under $name noise, $decibels dB below the voice', ({ make, decibels }) => {
    expectTruth(findSpeech(withNoise(speech, make(speech.length), decibels)));
  });

  it.each(Object.entries(NOISES))(
    'keeps the outer borders under %s noise 5 dB below the voice',
    (_name, make) => {
      const segments = findSpeech(withNoise(speech, make(speech.length), 5));

      expect(Math.abs((segments[0]?.start ?? NaN) - 0.8)).toBeLessThanOrEqual(TOLERANCE_SECONDS);
      expect(Math.abs((segments.at(-1)?.end ?? NaN) - 4.74)).toBeLessThanOrEqual(TOLERANCE_SECONDS);
      expect(segments.every(({ start, end }) => end <= 2.15 || start >= 2.75)).toBe(true);
    },
  );

  it.each(Object.entries(NOISES))('finds no speech in %s noise alone', (_name, make) => {
    expect(findSpeech(make(ANALYSIS_RATE * 20).map((value) => value * 0.1))).toEqual([]);
  });

  it('follows a background that grows louder half way', () => {
    const half = speech.length / 2;
    const noise = whiteNoise(speech.length).map((value, index) => value * (index < half ? 0.001 : 0.003));
    const long = new Float32Array(speech.length * 3);
    for (const third of [0, 1, 2]) long.set(speech, third * speech.length);

    const segments = findSpeech(long.map((value, index) => value + (noise[index % noise.length] ?? 0)));

    expect(segments).toHaveLength(6);
  });

  it('finds a quiet voice as well as a loud one', () => {
    expectTruth([findSpeech(speech.map((value) => value * 0.05))].flatMap(merged));
    expectTruth(findSpeech(speech.map((value) => value * 4)));
  });

  it('drops clicks', () => {
    const clicks = new Float32Array(ANALYSIS_RATE * 5);
    for (let at = 8000; at < clicks.length; at += 16_000) clicks.fill(0.8, at, at + 300);

    expect(findSpeech(clicks)).toEqual([]);
  });

  it.each([0, 1, 319, 321])('has nothing to say about %d samples', (length) => {
    expect(findSpeech(new Float32Array(length))).toEqual([]);
  });

  it('never ends after the audio', () => {
    const cut = speech.subarray(0, 1.5 * ANALYSIS_RATE + 7);

    const [segment] = findSpeech(cut);

    expect(segment?.end).toBeLessThanOrEqual(cut.length / ANALYSIS_RATE);
    expect(segment?.end).toBeGreaterThan(1.4);
  });
});

/** Two segments out of those that a pause within a phrase has split. */
function merged(segments: readonly SpeechSegment[]): SpeechSegment[] {
  return TRUTH.map((truth) => {
    const within = segments.filter(({ start, end }) => start < truth.end && end > truth.start);
    return { start: within[0]?.start ?? NaN, end: within.at(-1)?.end ?? NaN };
  });
}
