import { DomainError, type ParsedRequestOf, type ReplyOf } from '@trivium/contracts';
import { INLINE_LIMIT } from '@trivium/contracts/content';
import type { markDocument } from '@trivium/contracts/ocr-certification';
import { markImage, renderPdfPages, sniffMediaType } from '@trivium/media';
import type { Blobs, CallContext } from '@trivium/messaging';
import { inSpan } from '@trivium/telemetry';
import { TRACER } from '../events.js';

type Request = ParsedRequestOf<typeof markDocument>;

export interface MarkLimits {
  readonly maxBytes: number;
  readonly maxPages: number;
  /** Of the pages of a PDF: the same as they are read with, since the places are in that frame. */
  readonly dpi: number;
}

const PDF = 'application/pdf';
/** Legible on a screen, and as base64 still a moderate message. */
const MAX_SIDE = 1_400;

/** Shows where on a page something stands. Nothing is kept. */
export class MarkDocument {
  constructor(
    private readonly blobs: Pick<Blobs, 'get'>,
    private readonly limits: MarkLimits,
  ) {}

  execute(request: Request, context: CallContext): Promise<ReplyOf<typeof markDocument>> {
    return inSpan(TRACER, 'mark_document', {}, async (span) => {
      const { document, path, page, places } = request;
      span.setAttribute('trivium.places', places.length);
      const bytes = await this.blobs.get(document, {
        maxBytes: this.limits.maxBytes,
        signal: context.signal,
      });
      const picture =
        (await sniffMediaType(bytes)) === PDF ? await this.#page(bytes, page, path, context) : bytes;
      if (picture === bytes && page !== 1) throw noPage(page, path);
      const options = { path, maxSide: MAX_SIDE, maxBytes: INLINE_LIMIT };
      const { jpeg, width, height } = await markImage(picture, places, options);
      return { picture: { kind: 'inline', mediaType: 'image/jpeg', bytes: jpeg }, width, height };
    });
  }

  async #page(
    bytes: Uint8Array,
    page: number,
    path: string | undefined,
    { signal }: CallContext,
  ): Promise<Uint8Array> {
    const { maxBytes, maxPages, dpi } = this.limits;
    const pages = renderPdfPages(bytes, { pages: [page], path, signal, dpi, limits: { maxBytes, maxPages } });
    for await (const { png } of pages) return png;
    throw noPage(page, path);
  }
}

function noPage(page: number, path: string | undefined): DomainError {
  return new DomainError('invalid_request', `The document has no page ${page}.`, { param: path });
}
