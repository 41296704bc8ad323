import { createHash } from 'node:crypto';
import { DomainError } from '@trivium/contracts';
import { type Binary, sizeOfBinary } from '@trivium/contracts/content';
import type { EvidenceStatement } from '@trivium/contracts/evidence';
import { renderPdfPages, sniffMediaType } from '@trivium/media';
import type { Blobs, CallContext } from '@trivium/messaging';

export interface DocumentBytes {
  readonly bytes: Uint8Array;
  readonly isPdf: boolean;
}

export interface PictureLimits {
  readonly maxBytes: number;
  readonly maxPages: number;
  readonly dpi: number;
}

/** The pixels behind a document: its own bytes, or a page of a PDF drawn again. */
export class DocumentPictures {
  constructor(
    private readonly blobs: Pick<Blobs, 'get'>,
    private readonly limits: PictureLimits,
  ) {}

  async fetch(document: Binary, path: string | undefined, { signal }: CallContext): Promise<DocumentBytes> {
    try {
      const bytes = await this.blobs.get(document, { maxBytes: this.limits.maxBytes, signal });
      return { bytes, isPdf: (await sniffMediaType(bytes)) === 'application/pdf' };
    } catch (error) {
      if (!DomainError.is(error) || error.code !== 'not_found') throw error;
      throw new DomainError('invalid_request', 'The document is no longer stored; send it again.', {
        param: path,
        cause: error,
      });
    }
  }

  /** PNG. */
  async page(
    bytes: Uint8Array,
    page: number,
    path: string | undefined,
    { signal }: CallContext,
  ): Promise<Uint8Array> {
    const { maxBytes, maxPages, dpi } = this.limits;
    const pages = renderPdfPages(bytes, { pages: [page], path, signal, dpi, limits: { maxBytes, maxPages } });
    for await (const { png } of pages) return png;
    throw new DomainError('invalid_request', `The document has no page ${page}.`, { param: path });
  }
}

/** What evidence says of a file that was sent. */
export function inputOf(role: 'document' | 'portrait', binary: Binary): EvidenceStatement['inputs'][number] {
  const sha256 =
    binary.kind === 'blob' ? binary.sha256 : createHash('sha256').update(binary.bytes).digest('hex');
  return { role, media_type: binary.mediaType, bytes: sizeOfBinary(binary), sha256 };
}
