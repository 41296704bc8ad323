import { DomainError, type ParsedRequestOf, type ReplyOf } from '@trivium/contracts';
import type { Binary } from '@trivium/contracts/content';
import type { DocumentPage, readDocument } from '@trivium/contracts/ocr-certification';
import { sniffMediaType } from '@trivium/media';
import type { Blobs, CallContext } from '@trivium/messaging';
import { inSpan } from '@trivium/telemetry';
import { type DocumentKind, documentFailed, documentRead, TRACER } from '../events.js';
import { blocksOf } from '../layout/blocks.js';
import { markdownOf } from '../layout/blocks-markdown.js';
import type { CodeReader } from './code-reader.js';
import type { OfdReader } from './ofd-reader.js';
import type { PageReader, PageReading } from './page-reader.js';
import type { PdfReader } from './pdf-reader.js';

type Request = ParsedRequestOf<typeof readDocument>;

const PDF = 'application/pdf';
const OFD = 'application/ofd';

/** Text lines and codes of every page: a picture goes to the reader as it came, a PDF or OFD is opened here. */
export class ReadDocument {
  constructor(
    private readonly blobs: Pick<Blobs, 'get'>,
    private readonly pageReader: Pick<PageReader, 'read'>,
    private readonly pdfReader: Pick<PdfReader, 'read'>,
    private readonly ofdReader: Pick<OfdReader, 'read'>,
    private readonly codeReader: Pick<CodeReader, 'read'>,
    private readonly maxBytes: number,
  ) {}

  execute(request: Request, context: CallContext): Promise<ReplyOf<typeof readDocument>> {
    return inSpan(TRACER, 'read_document', {}, async (span) => {
      const started = performance.now();
      const { requestId } = context;
      let kind: DocumentKind = 'unknown';
      try {
        const document = await this.#identify(request, context);
        kind = document.kind;
        span.setAttribute('trivium.document.kind', kind);
        const readings = await this.#read(document, request, context);
        const pages = readings.map(({ page }) => (request.layout === true ? withLayout(page) : page));
        const lines = pages.reduce((sum, page) => sum + page.lines.length, 0);
        documentRead({
          kind,
          pages: pages.length,
          lines,
          durationMs: performance.now() - started,
          requestId,
        });
        return { pages, execution: readings.map(({ execution }) => execution) };
      } catch (error) {
        const failure = withParam(error, request.path);
        const code = DomainError.is(failure) ? failure.code : 'unknown';
        documentFailed({ kind, code, durationMs: performance.now() - started, requestId });
        throw failure;
      }
    });
  }

  /** By the declared type; bytes are fetched only where they are needed here. */
  async #identify({ document, path }: Request, context: CallContext): Promise<IdentifiedDocument> {
    const declared = document.mediaType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
    if (declared.startsWith('image/')) return { kind: 'image', image: document };
    const bytes = await this.#fetch(document, path, context);
    if (declared === PDF) return { kind: 'pdf', bytes };
    const found = await sniffMediaType(bytes);
    if (found === PDF) return { kind: 'pdf', bytes };
    if (found === OFD) return { kind: 'ofd', bytes };
    if (found?.startsWith('image/')) return { kind: 'image', image: { ...document, mediaType: found } };
    const what = found === undefined ? 'of a type that was not recognised' : `of the type ${found}`;
    throw new DomainError(
      'unsupported_media',
      `The document is ${what}; PNG, JPEG, WebP, PDF and OFD files are read.`,
      { param: path },
    );
  }

  async #fetch(document: Binary, path: string | undefined, { signal }: CallContext): Promise<Uint8Array> {
    try {
      return await this.blobs.get(document, { maxBytes: this.maxBytes, signal });
    } catch (error) {
      if (!DomainError.is(error) || error.code !== 'not_found') throw error;
      throw new DomainError('invalid_request', 'The document is no longer stored; send it again.', {
        param: path,
        cause: error,
      });
    }
  }

  async #read(document: IdentifiedDocument, request: Request, context: CallContext): Promise<PageReading[]> {
    const { pages, path } = request;
    switch (document.kind) {
      case 'image':
        return [await this.#readImage(request, document.image, context)];
      case 'pdf':
        return this.pdfReader.read({ bytes: document.bytes, pages, path }, context);
      case 'ofd':
        return this.ofdReader.read({ bytes: document.bytes, pages, path }, context);
    }
  }

  /** Its text is read there, its codes are read here, at the same time. */
  async #readImage({ pages, path }: Request, image: Binary, context: CallContext): Promise<PageReading> {
    const absent = pages?.find((page) => page !== 1);
    if (absent !== undefined) {
      throw new DomainError('invalid_request', `A picture has one page; there is no page ${absent}.`, {
        param: path,
      });
    }
    const [reading, codes] = await Promise.all([
      this.pageReader.read(image, { page: 1, path }, context),
      this.#fetch(image, path, context).then((bytes) => this.codeReader.read(bytes, context)),
    ]);
    return { ...reading, page: { ...reading.page, codes } };
  }
}

function withLayout(page: DocumentPage): DocumentPage {
  const blocks = blocksOf(page.lines);
  return { ...page, blocks, markdown: markdownOf(blocks) };
}

type IdentifiedDocument =
  | { readonly kind: 'image'; readonly image: Binary }
  | { readonly kind: 'pdf' | 'ofd'; readonly bytes: Uint8Array };

const ABOUT_DOCUMENT: readonly string[] = ['invalid_request', 'unsupported_media', 'payload_too_large'];

/** A complaint about the document names where the client wrote it, whoever complains. */
function withParam(error: unknown, path: string | undefined): unknown {
  if (path === undefined || !DomainError.is(error)) return error;
  if (error.param !== undefined || !ABOUT_DOCUMENT.includes(error.code)) return error;
  const { code, message, retryable, retryAfterMs, details } = error;
  return new DomainError(code, message, { param: path, retryable, retryAfterMs, details, cause: error });
}
