import { type PdfPage, type PicturePage, readPdfPages, type TextPage } from '@trivium/media';
import type { CallContext } from '@trivium/messaging';
import { inSpan } from '@trivium/telemetry';
import { TRACER } from '../events.js';
import type { PageReader, PageReading } from './page-reader.js';
import { Slots } from './slots.js';

export interface PdfReaderLimits {
  readonly maxBytes: number;
  readonly maxPages: number;
  readonly dpi: number;
  /** Pages of one document in flight. */
  readonly pageConcurrency: number;
  /** Documents rendered at a time. */
  readonly renderers: number;
}

export interface PdfRequest {
  readonly bytes: Uint8Array;
  readonly pages: readonly number[] | undefined;
  readonly path: string | undefined;
}

type Open = typeof readPdfPages;

/** Takes the text of a PDF's pages where the file stores it; other pages are read while later ones are rendered. */
export class PdfReader {
  readonly #renderers: Slots;

  constructor(
    private readonly pageReader: Pick<PageReader, 'readBytes'>,
    private readonly limits: PdfReaderLimits,
    private readonly open: Open = readPdfPages,
  ) {
    this.#renderers = new Slots(limits.renderers);
  }

  /** In the order of the pages. The first page that fails ends the others. */
  async read(request: PdfRequest, context: CallContext): Promise<PageReading[]> {
    using _renderer = await this.#renderers.enter(context.signal);
    return await inSpan(TRACER, 'read_pdf', {}, async (span) => {
      const failed = new AbortController();
      const signal = AbortSignal.any([context.signal, failed.signal]);
      const readings: Promise<PageReading>[] = [];
      const pool = new Slots(this.limits.pageConcurrency);
      try {
        let started = performance.now();
        for await (const page of this.#pagesOf(request, signal)) {
          if (page.kind === 'text') {
            readings.push(Promise.resolve(storedText(page, performance.now() - started)));
            started = performance.now();
            continue;
          }
          const slot = await pool.enter(signal);
          signal.throwIfAborted();
          started = performance.now();
          const reading = this.#readPage(page, slot, { path: request.path, signal }, context);
          reading.catch((error: unknown) => failed.abort(error));
          readings.push(reading);
        }
        span.setAttribute('trivium.pages', readings.length);
        return await Promise.all(readings);
      } catch (error) {
        // @NOTE a page's failure aborts the rendering, which then complains of the abort: the page's own error tells more
        const reason: unknown = failed.signal.aborted ? failed.signal.reason : error;
        failed.abort(reason);
        await Promise.allSettled(readings);
        throw reason;
      }
    });
  }

  #pagesOf({ bytes, pages, path }: PdfRequest, signal: AbortSignal): AsyncIterable<PdfPage> {
    const { maxBytes, maxPages, dpi } = this.limits;
    return this.open(bytes, { pages, path, signal, dpi, codes: true, limits: { maxBytes, maxPages } });
  }

  async #readPage(
    { page, png, codes }: PicturePage,
    slot: Disposable,
    origin: { readonly path: string | undefined; readonly signal: AbortSignal },
    context: CallContext,
  ): Promise<PageReading> {
    using _slot = slot;
    const reading = await this.pageReader.readBytes(png, { page, ...origin }, context);
    return { ...reading, page: { ...reading.page, codes: [...codes] } };
  }
}

function storedText({ page, width, height, lines, codes }: TextPage, computeMs: number): PageReading {
  return {
    page: { page, width, height, source: 'text-layer', lines: [...lines], codes: [...codes] },
    execution: {
      model: 'text-layer',
      variant: 'stored',
      placement: 'rules',
      queueMs: 0,
      computeMs,
      batchSize: 1,
    },
  };
}
