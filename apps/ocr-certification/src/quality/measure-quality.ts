import { DomainError } from '@trivium/contracts';
import { cancellation, IsolationFailure, type WorkerPool } from '@trivium/media/isolation';
import type { CallContext } from '@trivium/messaging';
import { inSpan } from '@trivium/telemetry';
import { TRACER } from '../events.js';
import type { PictureFigures } from './measure-picture.js';
import type { QualityJob } from './quality-jobs.js';

/** Longest time for one picture, from when a thread takes it. */
const TIMEOUT_MS = 20_000;

/** Pixels are decoded and measured on a thread, few at a time; how many wait the handler's queue bounds. */
export class MeasureQuality {
  constructor(private readonly threads: Pick<WorkerPool<QualityJob, PictureFigures>, 'run'>) {}

  execute(job: QualityJob, { signal }: Pick<CallContext, 'signal'>): Promise<PictureFigures> {
    return inSpan(TRACER, 'measure_quality', {}, async () => {
      try {
        return await this.threads.run(job, { timeoutMs: TIMEOUT_MS, signal });
      } catch (error) {
        if (!(error instanceof IsolationFailure)) throw error;
        if (error.reason === 'aborted') throw cancellation('Measuring the picture', error);
        throw new DomainError('unsupported_media', 'The picture could not be measured.', {
          param: job.path,
          cause: error,
        });
      }
    });
  }
}
