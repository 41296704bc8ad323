import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import type { detectSpeech } from '@trivium/contracts/speech-inference';
import type { CallContext } from '@trivium/messaging';
import type { Admission } from '@trivium/serving';
import { inSpan } from '@trivium/telemetry';
import type { AudioReader } from '../audio/audio-reader.js';
import { outcomeOf, recordingAnalysed } from '../events.js';
import type { SpeechFinder } from './speech-finder.js';

type Request = ParsedRequestOf<typeof detectSpeech>;
type Reply = ReplyOf<typeof detectSpeech>;

export class DetectSpeech {
  constructor(
    private readonly audio: AudioReader,
    private readonly finder: SpeechFinder,
    private readonly admission: Admission,
  ) {}

  async execute(request: Request, context: CallContext): Promise<Reply> {
    using _permit = this.admission.enter();
    const startedAt = performance.now();
    const done = (outcome: ReturnType<typeof outcomeOf>, audioSeconds: number, segments: number): void =>
      recordingAnalysed({
        task: 'detect-speech',
        outcome,
        requestId: context.requestId,
        tookMs: performance.now() - startedAt,
        audioSeconds,
        segments,
      });
    try {
      const reply = await this.#detect(request, context);
      done('ok', reply.durationSeconds, reply.segments.length);
      return reply;
    } catch (error) {
      done(outcomeOf(error), 0, 0);
      throw error;
    }
  }

  async #detect({ audio, path }: Request, context: CallContext): Promise<Reply> {
    const { durationSeconds, sampleRate, channels, samples } = await this.audio.read(audio, path, context);
    const { modelId } = this.finder;
    const attributes = {
      'gen_ai.operation.name': 'detect_speech',
      'gen_ai.provider.name': 'trivium',
      'gen_ai.request.model': modelId,
    };
    const segments = await inSpan(
      'trivium.speech-inference',
      `detect_speech ${modelId}`,
      { attributes },
      () => this.finder.find(samples, context.signal),
    );
    return { durationSeconds, sampleRate, channels, segments };
  }
}
