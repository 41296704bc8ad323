import { DomainError } from '@trivium/contracts';
import { type Binary, sizeOfBinary } from '@trivium/contracts/content';
import { type AudioLimits, decodeAudio, type DecodedAudio } from '@trivium/media';
import type { Blobs, CallContext } from '@trivium/messaging';
import { inSpan } from '@trivium/telemetry';
import { ANALYSIS_RATE } from '../detection/frames.js';

export type ReadLimits = Pick<AudioLimits, 'maxBytes' | 'maxSeconds' | 'timeoutSeconds'>;

/** Fetches a recording and decodes it to 16 kHz mono; every fault of it names the caller's part. */
export class AudioReader {
  constructor(
    private readonly blobs: Pick<Blobs, 'get'>,
    private readonly limits: ReadLimits,
  ) {}

  async read(audio: Binary, path: string | undefined, { signal }: CallContext): Promise<DecodedAudio> {
    const { maxBytes } = this.limits;
    const size = sizeOfBinary(audio);
    if (size > maxBytes) {
      throw new DomainError(
        'payload_too_large',
        `The audio has ${size} bytes; at most ${maxBytes} are accepted.`,
        { param: path },
      );
    }
    const bytes = await this.blobs.get(audio, { maxBytes, signal });
    return inSpan('trivium.speech-inference', 'decode audio', {}, () =>
      decodeAudio(bytes, {
        limits: this.limits,
        path,
        declaredType: audio.mediaType,
        resampleTo: ANALYSIS_RATE,
        signal,
      }),
    );
  }
}
