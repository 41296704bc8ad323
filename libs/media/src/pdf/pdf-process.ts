import { ConfinedProcess } from '../isolation/confined-process.js';
import {
  cancellation,
  IsolationFailure,
  type IsolationFailureReason,
} from '../isolation/isolation-failure.js';
import { type Origin, unsupported } from '../media-type/admit.js';
import type { PdfLimits } from './pdf-limits.js';
import type { ReaderRefusal, ReaderReply, ReaderRequest } from './reader-protocol.js';

// @NOTE relative to `src` and to `dist` alike, so that specs running from source find the compiled child.
const READER = new URL('../../dist/pdf/reader.child.js', import.meta.url);

interface PdfProcessOptions extends Origin {
  readonly signal?: AbortSignal | undefined;
}

/** The confined process in terms of this library: every failure is a refusal of the document. */
export class PdfProcess implements Disposable {
  readonly #process: ConfinedProcess<ReaderRequest, ReaderReply>;

  constructor(
    private readonly limits: PdfLimits,
    private readonly options: PdfProcessOptions,
  ) {
    const { maxMemoryMiB } = limits;
    this.#process = new ConfinedProcess(READER, { maxMemoryMiB, signal: options.signal });
  }

  async open(bytes: Uint8Array): Promise<number> {
    const { maxImagePixels } = this.limits;
    const reply = await this.#ask('The PDF', { kind: 'open', bytes, maxImagePixels });
    if (reply.kind !== 'opened') throw new Error(`Unexpected reply ${reply.kind}`);
    return reply.pages;
  }

  async read(page: number, dpi: number, codes: boolean): Promise<ReaderReply & { kind: 'text' | 'picture' }> {
    const { maxPagePixels: maxPixels, maxTextPieces } = this.limits;
    const reply = await this.#ask(`Page ${page} of the PDF`, {
      kind: 'read',
      page,
      dpi,
      maxPixels,
      maxTextPieces,
      codes,
    });
    if (reply.kind !== 'text' && reply.kind !== 'picture') throw new Error(`Unexpected reply ${reply.kind}`);
    return reply;
  }

  async draw(page: number, dpi: number): Promise<ReaderReply & { kind: 'drawn' }> {
    const maxPixels = this.limits.maxPagePixels;
    const reply = await this.#ask(`Page ${page} of the PDF`, { kind: 'draw', page, dpi, maxPixels });
    if (reply.kind !== 'drawn') throw new Error(`Unexpected reply ${reply.kind}`);
    return reply;
  }

  [Symbol.dispose](): void {
    this.#process[Symbol.dispose]();
  }

  async #ask(subject: string, request: ReaderRequest): Promise<Exclude<ReaderReply, { kind: 'refused' }>> {
    let reply: ReaderReply;
    try {
      reply = await this.#process.request(request, this.limits.timeoutSeconds * 1000);
    } catch (error) {
      if (!(error instanceof IsolationFailure)) throw error;
      if (error.reason === 'aborted') {
        throw cancellation('Reading the PDF', error);
      }
      throw unsupported(`${subject} ${FAILURES[error.reason](this.limits)}.`, this.options, error);
    }
    if (reply.kind === 'refused') {
      throw unsupported(
        `${subject} ${REFUSALS[reply.reason](this.limits)}.`,
        this.options,
        new Error(reply.detail),
      );
    }
    return reply;
  }
}

type Sentence = (limits: PdfLimits) => string;

const FAILURES = {
  'timed-out': ({ timeoutSeconds }) => `takes longer than ${timeoutSeconds} s to process`,
  'out-of-memory': ({ maxMemoryMiB }) => `needs more than ${maxMemoryMiB} MiB of memory to process`,
  crashed: () => 'cannot be processed: it breaks the reader',
} as const satisfies Record<Exclude<IsolationFailureReason, 'aborted'>, Sentence>;

const REFUSALS = {
  encrypted: () => 'is encrypted; send it without a password',
  damaged: () => 'cannot be read: it is damaged or cut off',
  'image-too-large': ({ maxImagePixels }) => `holds a picture of more than ${maxImagePixels} pixels`,
  'page-without-area': () => 'has no area',
} as const satisfies Record<ReaderRefusal, Sentence>;
