import { DomainError, type ParsedRequestOf, type ReplyOf } from '@trivium/contracts';
import type { transcribe } from '@trivium/contracts/speech-inference';
import type { CallContext } from '@trivium/messaging';
import type { Admission } from '@trivium/serving';
import type { AudioReader } from '../audio/audio-reader.js';
import { outcomeOf, recordingAnalysed } from '../events.js';

type Request = ParsedRequestOf<typeof transcribe>;
type Reply = ReplyOf<typeof transcribe>;

/** No recognition model is bundled: the recording is checked, and the answer says what is missing. */
export class Transcribe {
  constructor(
    private readonly audio: AudioReader,
    private readonly admission: Admission,
  ) {}

  async execute(request: Request, context: CallContext): Promise<Reply> {
    using _permit = this.admission.enter();
    const startedAt = performance.now();
    try {
      await this.audio.read(request.audio, request.path, context);
      throw modelMissing(request.model);
    } catch (error) {
      recordingAnalysed({
        task: 'transcribe',
        outcome: outcomeOf(error),
        requestId: context.requestId,
        tookMs: performance.now() - startedAt,
        audioSeconds: 0,
        segments: 0,
      });
      throw error;
    }
  }
}

function modelMissing(model: string | undefined): DomainError {
  const which = model === undefined ? 'No speech recognition model' : `The speech recognition model ${model}`;
  const verb = model === undefined ? 'is installed' : 'is not installed, nor is any other';
  return new DomainError(
    'model_not_available',
    `${which} ${verb}: this version bundles none. Recognition models are added as packs with the task ` +
      '"transcribe" under models/; until then detect-speech finds where speech is.',
    { details: { task: 'transcribe', ...(model === undefined ? {} : { model }) } },
  );
}
