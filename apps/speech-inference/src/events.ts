import { metrics } from '@opentelemetry/api';
import { DomainError } from '@trivium/contracts';
import { createLogger } from '@trivium/telemetry';

const log = createLogger('speech-inference');
const meter = metrics.getMeter('trivium.speech-inference');

type Task = 'detect-speech' | 'transcribe';
type Outcome = 'ok' | 'refused' | 'cancelled' | 'failed';

const analysed = meter.createCounter<{ task: Task; outcome: Outcome }>('speech.recording.analysed');
const duration = meter.createHistogram<{ task: Task; outcome: Outcome }>('speech.recording.duration', {
  unit: 's',
});
const audio = meter.createCounter<{ task: Task }>('speech.audio.analysed', { unit: 's' });

export function recordingAnalysed(event: {
  readonly task: Task;
  readonly outcome: Outcome;
  readonly requestId: string;
  readonly tookMs: number;
  readonly audioSeconds: number;
  readonly segments: number;
}): void {
  const { task, outcome } = event;
  analysed.add(1, { task, outcome });
  duration.record(event.tookMs / 1000, { task, outcome });
  audio.add(event.audioSeconds, { task });
  log.debug(event, 'speech.recording.analysed');
}

export function outcomeOf(error: unknown): Outcome {
  if (!DomainError.is(error)) return 'failed';
  return error.code === 'cancelled' || error.code === 'deadline_exceeded' ? 'cancelled' : 'refused';
}
