import { type OfdPage, readOfd } from '@trivium/media';
import type { CallContext } from '@trivium/messaging';
import { inSpan } from '@trivium/telemetry';
import { TRACER } from '../events.js';
import type { PageReading } from './page-reader.js';

export interface OfdReaderLimits {
  readonly maxBytes: number;
  readonly maxPages: number;
  readonly dpi: number;
}

export interface OfdRequest {
  readonly bytes: Uint8Array;
  readonly pages: readonly number[] | undefined;
  readonly path: string | undefined;
}

/** The text that an OFD stores; its pages are not drawn, so no codes are looked for. */
export class OfdReader {
  constructor(
    private readonly limits: OfdReaderLimits,
    private readonly open: typeof readOfd = readOfd,
  ) {}

  read({ bytes, pages, path }: OfdRequest, { signal }: CallContext): Promise<PageReading[]> {
    return inSpan(TRACER, 'read_ofd', {}, async (span) => {
      const { maxBytes, maxPages, dpi } = this.limits;
      const started = performance.now();
      const read = await this.open(bytes, { pages, path, signal, dpi, limits: { maxBytes, maxPages } });
      const computeMs = (performance.now() - started) / read.length;
      span.setAttribute('trivium.pages', read.length);
      return read.map((page) => readingOf(page, computeMs));
    });
  }
}

function readingOf({ page, width, height, lines }: OfdPage, computeMs: number): PageReading {
  return {
    page: { page, width, height, source: 'ofd', lines: [...lines] },
    execution: {
      model: 'ofd',
      variant: 'stored',
      placement: 'rules',
      queueMs: 0,
      computeMs,
      batchSize: 1,
    },
  };
}
