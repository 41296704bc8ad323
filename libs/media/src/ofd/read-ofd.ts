import { cancellation, IsolationFailure } from '../isolation/isolation-failure.js';
import { WorkerPool } from '../isolation/worker-pool.js';
import { admit, unsupported } from '../media-type/admit.js';
import type { PageChoice } from '../page/choose-pages.js';
import { OFD_LIMITS, type OfdLimits } from './ofd-limits.js';
import type { OfdJob, OfdPage } from './parse-ofd.js';

export interface ReadOfdOptions extends PageChoice {
  /** Dots per inch of the picture that lines are placed in; default 150. */
  readonly dpi?: number | undefined;
  readonly limits?: Partial<OfdLimits> | undefined;
  readonly signal?: AbortSignal | undefined;
}

const DEFAULT_DPI = 150;
const THREADS = 2;
const FORMATS = { 'application/ofd': 'ofd' } as const;

// @NOTE relative to `src` and to `dist` alike, so that specs running from source find the compiled thread.
const MODULE = new URL('../../dist/ofd/ofd.worker.js', import.meta.url);

const threads = new WorkerPool<OfdJob, OfdPage[]>(MODULE, THREADS);

/**
 * The text of an OFD (GB/T 33190), page by page, as the file stores it. Refused: what is no intact zip,
 * inflates to more than it may, names files outside of itself, or holds XML that is broken, nested too
 * deeply or declares a document type. Nothing is drawn: a page of pictures alone is refused.
 */
export async function readOfd(bytes: Uint8Array, options: ReadOfdOptions = {}): Promise<OfdPage[]> {
  const limits = { ...OFD_LIMITS, ...options.limits };
  const { path, declaredType, pages, dpi = DEFAULT_DPI, signal } = options;
  const origin = { path, declaredType };
  await admit(
    bytes,
    { noun: 'document', formats: FORMATS, accepted: 'OFD files', maxBytes: limits.maxBytes },
    origin,
  );
  try {
    return await threads.run(
      { bytes, pages, dpi, limits, origin },
      { timeoutMs: limits.timeoutSeconds * 1000, signal },
    );
  } catch (error) {
    if (!(error instanceof IsolationFailure)) throw error;
    if (error.reason === 'aborted') throw cancellation('Reading the OFD', error);
    const reason =
      error.reason === 'timed-out'
        ? `takes longer than ${limits.timeoutSeconds} s to read`
        : 'cannot be read';
    throw unsupported(`The OFD ${reason}.`, options, error);
  }
}
