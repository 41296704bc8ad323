import { DomainError } from '@trivium/contracts';
import type { DocumentCode } from '@trivium/contracts/ocr-certification';
import { readCodes } from '@trivium/media';
import type { CallContext } from '@trivium/messaging';
import { codesUnread } from '../events.js';

/** QR codes and barcodes of a picture, beside its text. */
export class CodeReader {
  constructor(private readonly search: typeof readCodes = readCodes) {}

  /**
   * None where the picture cannot be searched: codes are a second witness, and whoever reads the text
   * refuses a picture that is none. Cancellation alone is passed on.
   */
  async read(bytes: Uint8Array, { signal, requestId }: CallContext): Promise<DocumentCode[]> {
    try {
      return await this.search(bytes, { signal });
    } catch (error) {
      if (!DomainError.is(error) || signal.aborted) throw error;
      codesUnread({ code: error.code, requestId });
      return [];
    }
  }
}
