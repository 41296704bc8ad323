import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { decodeAudio } from './decode-audio.js';
import { inspectAudio } from './inspect-audio.js';

const PATH = 'messages[0].content[0].input_audio';
const SAMPLES = new URL('../../../../samples/audio/', import.meta.url);
const sample = async (name: string): Promise<Buffer> => readFile(new URL(name, SAMPLES));

interface WavParts {
  readonly tag?: number;
  readonly channels?: number;
  readonly rate?: number;
  readonly bits?: number;
  readonly data?: Buffer;
  readonly claims?: number;
}

function wav({
  tag = 1,
  channels = 1,
  rate = 8000,
  bits = 16,
  data = Buffer.alloc(1600),
  claims,
}: WavParts): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + data.byteLength, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(tag, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE((rate * channels * bits) / 8, 28);
  header.writeUInt16LE((channels * bits) / 8, 32);
  header.writeUInt16LE(bits, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(claims ?? data.byteLength, 40);
  return Buffer.concat([header, data]);
}

const FLOAT = 3;
const floats = (...values: number[]): Buffer => Buffer.from(new Float32Array(values).buffer);

const LOSSY = ['two-phrases.mp3', 'two-phrases-opus.ogg', 'two-phrases-vorbis.ogg'];

describe('decodeAudio', () => {
  it.each([
    ['two-phrases.wav', 'wav', 8000, 1],
    ['two-phrases.flac', 'flac', 16_000, 1],
    ['two-phrases.mp3', 'mp3', 24_000, 2],
    ['two-phrases-opus.ogg', 'ogg-opus', 48_000, 1],
    ['two-phrases-vorbis.ogg', 'ogg-vorbis', 16_000, 1],
  ])('decodes %s to its last sample', async (name, format, sampleRate, channels) => {
    const audio = await decodeAudio(await sample(name));

    expect(audio).toMatchObject({ format, sampleRate, channels, samplesRate: sampleRate });
    expect(audio.durationSeconds).toBeCloseTo(5.4407, 3);
    expect(audio.samples.length).toBe(Math.round(audio.durationSeconds * sampleRate));
  });

  it.each(LOSSY)('gives the same sound from %s as from the lossless file', async (name) => {
    const reference = await decodeAudio(await sample('two-phrases.flac'), { resampleTo: 16_000 });
    const { samples, samplesRate } = await decodeAudio(await sample(name), { resampleTo: 16_000 });

    expect(samplesRate).toBe(16_000);
    expect(samples.length).toBe(reference.samples.length);
    expect(correlation(samples, reference.samples)).toBeGreaterThan(0.9);
  });

  it.each([
    ['8 bits', wav({ bits: 8, data: Buffer.from([0, 64, 128, 192]) })],
    ['16 bits', wav({ bits: 16, data: Buffer.from(new Int16Array([-32_768, -16_384, 0, 16_384]).buffer) })],
    ['24 bits', wav({ bits: 24, data: Buffer.from([0, 0, 128, 0, 0, 192, 0, 0, 0, 0, 0, 64]) })],
    [
      '32 bits',
      wav({ bits: 32, data: Buffer.from(new Int32Array([-(2 ** 31), -(2 ** 30), 0, 2 ** 30]).buffer) }),
    ],
    ['float', wav({ tag: FLOAT, bits: 32, data: floats(-1, -0.5, 0, 0.5) })],
    ['an unknown length', wav({ tag: FLOAT, bits: 32, data: floats(-1, -0.5, 0, 0.5), claims: 0xffff_ffff })],
    [
      'two channels',
      wav({ tag: FLOAT, channels: 2, bits: 32, data: floats(-1, -1, 0, -1, 0.25, -0.25, 0.75, 0.25) }),
    ],
  ])('reads WAV with %s as -1 to 1, mixed to one channel', async (_what, bytes) => {
    const { samples } = await decodeAudio(bytes);

    expect([...samples]).toEqual([-1, -0.5, 0, 0.5]);
  });

  it.each([
    [
      'a length that is not there',
      wav({ claims: 1_000_000 }),
      /promises 1000000 bytes of samples and holds 1600/,
    ],
    ['three hours by its header', wav({ rate: 8000, claims: 3 * 3600 * 16_000 }), /promises|long/],
    ['no samples', wav({ data: Buffer.alloc(0) }), /no samples/],
    ['values that are not numbers', wav({ tag: FLOAT, bits: 32, data: floats(0, Number.NaN) }), /not finite/],
    ['infinite values', wav({ tag: FLOAT, bits: 32, data: floats(0, -Infinity) }), /not finite/],
    [
      'an encoding that is not served',
      wav({ tag: 7, bits: 8 }),
      /format 7 with 8 bits; PCM of 8, 16, 24 or 32/,
    ],
    ['no channels', wav({ channels: 0 }), /contradictory/],
    ['too many channels', wav({ channels: 9, data: Buffer.alloc(1800) }), /9 channels; 1 to 8/],
    ['too few samples per second', wav({ rate: 100 }), /100 samples per second; 4000 to 192000/],
  ])('refuses WAV with %s, naming the part', async (_what, bytes, message) => {
    const refusal = decodeAudio(bytes, { path: PATH });

    await expect(refusal).rejects.toMatchObject({ code: 'unsupported_media', param: PATH });
    await expect(refusal).rejects.toThrow(message);
  });

  it.each(['two-phrases.wav', 'two-phrases.flac', ...LOSSY])('refuses half of %s', async (name) => {
    const bytes = await sample(name);

    await expect(decodeAudio(bytes.subarray(0, bytes.byteLength >> 1), { path: PATH })).rejects.toMatchObject(
      {
        code: 'unsupported_media',
        param: PATH,
      },
    );
  });

  it('finds while decoding what the header keeps quiet about', async () => {
    const bytes = await sample('two-phrases.flac');
    const quiet = Buffer.from(bytes);
    quiet.writeUInt32BE(0, 22); // total samples: unknown
    quiet.writeUInt8(quiet.readUInt8(21) & 0xf0, 21);

    await expect(inspectAudio(quiet)).resolves.toMatchObject({ durationSeconds: undefined });
    await expect(decodeAudio(quiet, { limits: { maxSeconds: 5 } })).rejects.toThrow('longer than 5 s');
    await expect(decodeAudio(quiet)).resolves.toMatchObject({ durationSeconds: 5.4406875 });
  });

  it.each(['two-phrases.flac', 'two-phrases.mp3', 'two-phrases-opus.ogg'])(
    'refuses %s by its header when it is too long',
    async (name) => {
      await expect(inspectAudio(await sample(name), { limits: { maxSeconds: 3 } })).rejects.toThrow(
        'at most 3 s are accepted',
      );
    },
  );

  it('refuses what is no audio or not the audio it was declared to be', async () => {
    await expect(decodeAudio(Buffer.from('%PDF-1.7\n'))).rejects.toThrow('WAV, FLAC, MP3 and OGG');
    await expect(decodeAudio(wav({}), { declaredType: 'audio/mpeg' })).rejects.toThrow(
      'its bytes are audio/wav',
    );
    await expect(decodeAudio(wav({}), { declaredType: 'audio/x-wav' })).resolves.toBeDefined();
  });

  it('keeps the event loop free while it decodes and resamples minutes of audio', async () => {
    const minutes = wav({ rate: 48_000, data: Buffer.alloc(2 * 48_000 * 120, 1) });
    await decodeAudio(wav({})); // the thread is up
    let ticks = 0;
    const ticking = setInterval(() => (ticks += 1), 1);

    await decodeAudio(minutes, { resampleTo: 16_000 });

    clearInterval(ticking);
    expect(ticks).toBeGreaterThan(20);
  });

  it('gives up when told to and when time is over, and decodes the next file', async () => {
    const minutes = wav({ rate: 48_000, data: Buffer.alloc(2 * 48_000 * 120, 1) });

    await expect(decodeAudio(minutes, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    });
    await expect(
      decodeAudio(minutes, { resampleTo: 16_000, limits: { timeoutSeconds: 0.02 } }),
    ).rejects.toMatchObject({ code: 'unsupported_media' });
    await expect(decodeAudio(wav({}))).resolves.toMatchObject({ durationSeconds: 0.1 });
  });
});

function correlation(left: Float32Array, right: Float32Array): number {
  let [both, ofLeft, ofRight] = [0, 0, 0];
  left.forEach((value, index) => {
    const other = right[index] ?? 0;
    both += value * other;
    ofLeft += value * value;
    ofRight += other * other;
  });
  return both / Math.sqrt(ofLeft * ofRight);
}
