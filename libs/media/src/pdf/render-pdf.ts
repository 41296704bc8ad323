import { DomainError } from '@trivium/contracts';
import { ConfinedProcess } from '../isolation/confined-process.js';
import {
  cancellation,
  IsolationFailure,
  type IsolationFailureReason,
} from '../isolation/isolation-failure.js';
import { admit, type Origin, unsupported } from '../media-type/admit.js';
import { PDF_LIMITS, type PdfLimits } from './pdf-limits.js';
import type { RendererRefusal, RendererReply, RendererRequest } from './renderer-protocol.js';

export interface PdfOptions extends Origin {
  readonly limits?: Partial<PdfLimits> | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RenderPdfOptions extends PdfOptions {
  /** From 1, rendered in this order. Absent: all. */
  readonly pages?: readonly number[] | undefined;
  /** Dots per inch; default 200, at which small print is legible. */
  readonly dpi?: number | undefined;
}

export interface RenderedPage {
  /** From 1. */
  readonly page: number;
  /** Of the whole document. */
  readonly pageCount: number;
  readonly width: number;
  readonly height: number;
  /** As rendered: lower than asked for where the page would have exceeded the pixel limit. */
  readonly dpi: number;
  readonly png: Uint8Array;
}

const DEFAULT_DPI = 200;
const FORMATS = { 'application/pdf': 'pdf' } as const;

// @NOTE relative to `src` and to `dist` alike, so that specs running from source find the compiled child.
const RENDERER = new URL('../../dist/pdf/renderer.child.js', import.meta.url);

/** How many pages there are; opens the document in a confined process. */
export async function inspectPdf(bytes: Uint8Array, options: PdfOptions = {}): Promise<{ pages: number }> {
  const limits = { ...PDF_LIMITS, ...options.limits };
  await admitPdf(bytes, limits, options);
  using renderer = new Renderer(limits, options);
  return { pages: await renderer.open(bytes) };
}

/**
 * Renders page by page as the consumer asks; leaving the loop ends the process that renders. Encrypted,
 * damaged or oversized documents and pages are refused.
 */
export async function* renderPdfPages(
  bytes: Uint8Array,
  options: RenderPdfOptions = {},
): AsyncGenerator<RenderedPage, void, undefined> {
  const limits = { ...PDF_LIMITS, ...options.limits };
  await admitPdf(bytes, limits, options);
  using renderer = new Renderer(limits, options);
  const pageCount = await renderer.open(bytes);
  for (const page of choosePages(pageCount, limits, options)) {
    const { width, height, dpi, png } = await renderer.render(page, options.dpi ?? DEFAULT_DPI);
    yield { page, pageCount, width, height, dpi, png };
  }
}

async function admitPdf(bytes: Uint8Array, { maxBytes }: PdfLimits, origin: Origin): Promise<void> {
  await admit(bytes, { noun: 'document', formats: FORMATS, accepted: 'PDF files', maxBytes }, origin);
}

function choosePages(pageCount: number, limits: PdfLimits, options: RenderPdfOptions): readonly number[] {
  const pages = options.pages ?? Array.from({ length: pageCount }, (_, index) => index + 1);
  if (pages.length > limits.maxPages) {
    throw unsupported(
      `The PDF has ${pageCount} pages and ${pages.length} are wanted; at most ${limits.maxPages} are read at once.`,
      options,
    );
  }
  const absent = pages.find((page) => !Number.isInteger(page) || page < 1 || page > pageCount);
  if (absent !== undefined) {
    throw new DomainError('invalid_request', `The PDF has ${pageCount} pages; there is no page ${absent}.`, {
      param: options.path,
    });
  }
  return pages;
}

/** The confined process in terms of this library: every failure is a refusal of the document. */
class Renderer implements Disposable {
  readonly #process: ConfinedProcess<RendererRequest, RendererReply>;

  constructor(
    private readonly limits: PdfLimits,
    private readonly options: PdfOptions,
  ) {
    const { maxMemoryMiB } = limits;
    this.#process = new ConfinedProcess(RENDERER, { maxMemoryMiB, signal: options.signal });
  }

  async open(bytes: Uint8Array): Promise<number> {
    const { maxImagePixels } = this.limits;
    const reply = await this.#ask('The PDF', { kind: 'open', bytes, maxImagePixels });
    if (reply.kind !== 'opened') throw new Error(`Unexpected reply ${reply.kind}`);
    return reply.pages;
  }

  async render(page: number, dpi: number): Promise<RendererReply & { kind: 'rendered' }> {
    const maxPixels = this.limits.maxPagePixels;
    const reply = await this.#ask(`Page ${page} of the PDF`, { kind: 'render', page, dpi, maxPixels });
    if (reply.kind !== 'rendered') throw new Error(`Unexpected reply ${reply.kind}`);
    return reply;
  }

  [Symbol.dispose](): void {
    this.#process[Symbol.dispose]();
  }

  async #ask(
    subject: string,
    request: RendererRequest,
  ): Promise<Exclude<RendererReply, { kind: 'refused' }>> {
    let reply: RendererReply;
    try {
      reply = await this.#process.request(request, this.limits.timeoutSeconds * 1000);
    } catch (error) {
      if (!(error instanceof IsolationFailure)) throw error;
      if (error.reason === 'aborted') {
        throw cancellation('Rendering the PDF', error);
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
  crashed: () => 'cannot be processed: it breaks the renderer',
} as const satisfies Record<Exclude<IsolationFailureReason, 'aborted'>, Sentence>;

const REFUSALS = {
  encrypted: () => 'is encrypted; send it without a password',
  damaged: () => 'cannot be read: it is damaged or cut off',
  'image-too-large': ({ maxImagePixels }) => `holds a picture of more than ${maxImagePixels} pixels`,
  'page-without-area': () => 'has no area',
} as const satisfies Record<RendererRefusal, Sentence>;
