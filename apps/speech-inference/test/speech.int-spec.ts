import { readFile } from 'node:fs/promises';
import { detectSpeech, listSpeechModels, transcribe } from '@trivium/contracts/speech-inference';
import { type NatsProcess, startNats } from '@trivium/local-servers';
import { connectMessaging, type Messaging } from '@trivium/messaging';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SpeechProcess } from './speech-process.js';

const PATH = 'messages[0].content[0].input_audio';
const SAMPLES = new URL('../../../samples/audio/', import.meta.url);
const sample = async (name: string): Promise<Uint8Array> =>
  new Uint8Array(await readFile(new URL(name, SAMPLES)));

let nats: NatsProcess;
let messaging: Messaging;
let service: SpeechProcess;

beforeAll(async () => {
  nats = await startNats();
  messaging = await connectMessaging({ name: 'speech-test', servers: nats.url });
  service = await new SpeechProcess(nats.url).ready();
});

afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await messaging?.[Symbol.asyncDispose]();
  await nats?.stop();
});

/** PCM of 16 bits that holds a steady buzz: long, so that the work is, too. */
function longWav(seconds: number, rate = 16_000): Uint8Array {
  const bytes = Buffer.alloc(44 + seconds * rate * 2, 1);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(bytes.byteLength - 8, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt32LE(rate * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(bytes.byteLength - 44, 40);
  return new Uint8Array(bytes);
}

describe('speech-inference', () => {
  it.each([
    ['two-phrases.wav', 'audio/wav', 8000, 1],
    ['two-phrases.flac', 'audio/flac', 16_000, 1],
    ['two-phrases.mp3', 'audio/mpeg', 24_000, 2],
    ['two-phrases-opus.ogg', 'audio/ogg', 48_000, 1],
    ['two-phrases-vorbis.ogg', 'audio/ogg', 16_000, 1],
  ])('finds the phrases of %s', async (name, mediaType, sampleRate, channels) => {
    const audio = await messaging.blobs.put(await sample(name), mediaType);

    const reply = await messaging.call(detectSpeech, { audio });

    expect(reply).toMatchObject({ sampleRate, channels });
    expect(reply.durationSeconds).toBeCloseTo(5.44, 2);
    expect(reply.segments).toHaveLength(2);
    expect(Math.abs((reply.segments[0]?.start ?? NaN) - 0.8)).toBeLessThan(0.2);
    expect(Math.abs((reply.segments[1]?.end ?? NaN) - 4.74)).toBeLessThan(0.2);
  });

  it('reads a recording that travels by reference', async () => {
    const audio = await messaging.blobs.put(longWav(60), 'audio/wav');
    expect(audio.kind).toBe('blob');

    expect(await messaging.call(detectSpeech, { audio })).toMatchObject({
      durationSeconds: 60,
      segments: [],
    });
  });

  it.each([
    ['no audio', new TextEncoder().encode('%PDF-1.7\n'), 'audio/wav', /WAV, FLAC, MP3 and OGG/],
    ['another type than declared', longWav(1), 'audio/mpeg', /declared as audio\/mpeg/],
    ['a recording that is cut off', longWav(1).subarray(0, 9000), 'audio/wav', /cut off/],
    ['a recording that is too long', longWav(601, 8000), 'audio/wav', /601 s long; at most 600 s/],
  ])('refuses %s for both tasks, naming the part', async (_what, bytes, mediaType, message) => {
    const audio = await messaging.blobs.put(bytes, mediaType);

    for (const contract of [detectSpeech, transcribe]) {
      const refusal = messaging.call(contract, { audio, path: PATH });
      await expect(refusal).rejects.toMatchObject({ code: 'unsupported_media', param: PATH });
      await expect(refusal).rejects.toThrow(message);
    }
  });

  it('refuses more bytes than allowed before it fetches them', async () => {
    const audio = {
      kind: 'blob',
      mediaType: 'audio/wav',
      bucket: 'blobs-1h',
      name: 'nowhere',
      sha256: '0'.repeat(64),
      size: 26 * 1024 * 1024,
    } as const;

    await expect(messaging.call(detectSpeech, { audio, path: PATH })).rejects.toMatchObject({
      code: 'payload_too_large',
      param: PATH,
    });
  });

  it('says which model is missing when asked to transcribe', async () => {
    const audio = await messaging.blobs.put(await sample('two-phrases.mp3'), 'audio/mpeg');

    const refusal = messaging.call(transcribe, { audio, model: 'whisper-1' });

    await expect(refusal).rejects.toMatchObject({ code: 'model_not_available', retryable: false });
    await expect(refusal).rejects.toThrow(/recognition model whisper-1 .* models\//);
  });

  it('lists what it has and nothing else', async () => {
    const { models } = await messaging.call(listSpeechModels, {});

    expect(models).toMatchObject([
      { id: 'speech-rules-v1', task: 'detect-speech', placement: 'rules', ready: true },
    ]);
  });

  it('stays reachable while it works on long recordings', async () => {
    const audio = await messaging.blobs.put(longWav(600), 'audio/wav');
    const work = [1, 2, 3].map(() => messaging.call(detectSpeech, { audio }));
    let working = true;
    const finished = Promise.all(work).finally(() => (working = false));
    let answers = 0;

    while (working) {
      await messaging.call(listSpeechModels, {});
      answers += 1;
    }

    expect((await finished).map(({ durationSeconds }) => durationSeconds)).toEqual([600, 600, 600]);
    expect(answers).toBeGreaterThan(20);
  });

  it('refuses at once what it has no place for', async () => {
    await using small = await new SpeechProcess(nats.url, { SPEECH_MAX_REQUESTS: '1' }).ready();
    await service[Symbol.asyncDispose](); // only the small one answers now
    const audio = await messaging.blobs.put(longWav(600), 'audio/wav');

    const outcomes = await Promise.allSettled([1, 2, 3].map(() => messaging.call(detectSpeech, { audio })));

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toMatchObject([
      { reason: { code: 'overloaded', retryable: true } },
      { reason: { code: 'overloaded', retryable: true } },
    ]);
    await small.ready();
  });

  it('counts what it did, finishes what is in flight when stopped, and leaves', async () => {
    await using other = await new SpeechProcess(nats.url).ready();
    const audio = await messaging.blobs.put(longWav(300), 'audio/wav');
    await messaging.call(detectSpeech, { audio });
    expect(await (await other.ops('/metrics')).text()).toMatch(
      /speech_recording_analysed\w*\{[^}]*task="detect-speech",outcome="ok"[^}]*\} 1/,
    );

    const inFlight = messaging.call(detectSpeech, { audio });
    await messaging.call(listSpeechModels, {}); // the request before it has arrived
    other.stop();

    expect(await inFlight).toMatchObject({ durationSeconds: 300 });
    expect(await other.exited).toBe(0);
  });
});
