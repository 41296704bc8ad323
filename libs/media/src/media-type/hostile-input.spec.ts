import { readFile } from 'node:fs/promises';
import { DomainError } from '@trivium/contracts';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeAudio } from '../audio/decode-audio.js';
import { decodeImage } from '../image/decode-image.js';

const ROUNDS = 40;
const SEED = 20_261_121;

/** The same sequence on every run, so that a failure can be repeated. */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function damage(bytes: Uint8Array, next: () => number): Buffer {
  const damaged = Buffer.from(
    bytes.subarray(0, next() < 0.5 ? bytes.byteLength : Math.ceil(next() * bytes.byteLength)),
  );
  const flips = Math.floor(next() * 8);
  for (let flip = 0; flip < flips; flip += 1) {
    const where = next() < 0.5 ? Math.floor(next() * 64) : Math.floor(next() * damaged.byteLength);
    if (where < damaged.byteLength) damaged[where] = Math.floor(next() * 256);
  }
  return damaged;
}

async function outcomes(
  bytes: Uint8Array,
  decode: (bytes: Uint8Array) => Promise<unknown>,
): Promise<{ good: number; refused: number; other: unknown[] }> {
  const next = numbersFrom(SEED);
  const result: { good: number; refused: number; other: unknown[] } = { good: 0, refused: 0, other: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    try {
      await decode(damage(bytes, next));
      result.good += 1;
    } catch (error) {
      if (DomainError.is(error)) result.refused += 1;
      else result.other.push(error);
    }
  }
  return result;
}

describe('damaged files are decoded or refused, never anything else', () => {
  it.each(['png', 'jpeg', 'webp'] as const)('%s', async (format) => {
    const source = sharp({
      create: {
        width: 64,
        height: 64,
        channels: 3,
        background: '#fff',
        noise: { type: 'gaussian', mean: 128, sigma: 40 },
      },
    });

    const { refused, other } = await outcomes(await source.toFormat(format).toBuffer(), (bytes) =>
      decodeImage(bytes),
    );

    expect(other).toEqual([]);
    expect(refused).toBeGreaterThan(0);
  });

  it.each([
    'two-phrases.wav',
    'two-phrases.flac',
    'two-phrases.mp3',
    'two-phrases-opus.ogg',
    'two-phrases-vorbis.ogg',
  ])(
    '%s',
    async (name) => {
      const sample = await readFile(new URL(`../../../../samples/audio/${name}`, import.meta.url));

      const { refused, other } = await outcomes(sample, (bytes) =>
        decodeAudio(bytes, { limits: { timeoutSeconds: 5 } }),
      );

      expect(other).toEqual([]);
      expect(refused).toBeGreaterThan(0);
    },
    30_000,
  );
});
