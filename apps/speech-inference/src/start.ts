import { startWithInference } from '@trivium/inference';
import type { RunningService, StartContext } from '@trivium/platform';
import { SpeechThreads } from './detection/speech-threads.js';
import type { SpeechConfig } from './speech-inference.config.js';
import { SpeechInferenceModule } from './speech-inference.module.js';

/** The first thread has answered before the subjects open, so that a broken build never takes requests. */
export async function startSpeechInference(context: StartContext<SpeechConfig>): Promise<RunningService> {
  const threads = new SpeechThreads(context.config.SPEECH_THREADS);
  await threads.find(new Float32Array(0), context.stopping);
  return startWithInference(context, {
    service: 'speech-inference',
    module: SpeechInferenceModule.register(threads, context.config),
  });
}
