import type { Binary } from '@trivium/contracts/content';
import type { Execution } from '@trivium/contracts/model';
import type { DocumentPage } from '@trivium/contracts/ocr-certification';
import { readText } from '@trivium/contracts/vision-inference';
import type { CallContext, Messaging } from '@trivium/messaging';

export interface PageReading {
  readonly page: DocumentPage;
  readonly execution: Execution;
}

interface PageOrigin {
  readonly page: number;
  /** Where the client wrote the document. */
  readonly path: string | undefined;
  /** Beside the context's own. */
  readonly signal?: AbortSignal;
}

/** One picture, read by vision-inference. */
export class PageReader {
  constructor(private readonly messaging: Pick<Messaging, 'call' | 'blobs'>) {}

  /** The picture stays the caller's. */
  async read(image: Binary, { page, path, signal }: PageOrigin, context: CallContext): Promise<PageReading> {
    const request = { image, ...(path === undefined ? {} : { path }) };
    const { width, height, lines, execution } = await this.messaging.call(readText, request, {
      context,
      signal,
    });
    return { page: { page, width, height, source: 'ocr', lines }, execution };
  }

  /** Stores a picture of our own for as long as it is read. */
  async readBytes(png: Uint8Array, origin: PageOrigin, context: CallContext): Promise<PageReading> {
    const image = await this.messaging.blobs.put(png, 'image/png', { ttlMs: context.remaining() + 60_000 });
    try {
      return await this.read(image, origin, context);
    } finally {
      // @NOTE a store that does not answer now forgets the picture by itself when its lifetime is over
      await this.messaging.blobs.delete(image).catch(() => undefined);
    }
  }
}
