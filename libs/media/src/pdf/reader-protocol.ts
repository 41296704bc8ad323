import type { DocumentCode } from '@trivium/contracts/ocr-certification';
import type { TextLine } from '@trivium/contracts/vision-inference';
import type { TextLayerFault } from './text-layer.js';

/** What the process that reads is asked, and what it answers; one answer to each request, in order. */
export type ReaderRequest =
  | { readonly kind: 'open'; readonly bytes: Uint8Array; readonly maxImagePixels: number }
  | ({ readonly kind: 'draw' } & WantedPage)
  | ({
      readonly kind: 'read';
      readonly maxTextPieces: number;
      /** Whether to look for QR codes and barcodes, for which a page is rendered. */
      readonly codes: boolean;
    } & WantedPage);

export interface WantedPage {
  /** From 1. */
  readonly page: number;
  readonly dpi: number;
  readonly maxPixels: number;
}

/** Size and resolution of the picture that a page makes. */
interface PagePicture {
  readonly width: number;
  readonly height: number;
  readonly dpi: number;
}

interface PageCodes {
  readonly codes: readonly DocumentCode[];
}

export type ReaderReply =
  | { readonly kind: 'opened'; readonly pages: number }
  | ({ readonly kind: 'text'; readonly lines: readonly TextLine[] } & PagePicture & PageCodes)
  | ({ readonly kind: 'picture'; readonly because: TextLayerFault; readonly png: Uint8Array } & PagePicture &
      PageCodes)
  | ({ readonly kind: 'drawn'; readonly png: Uint8Array } & PagePicture)
  | { readonly kind: 'refused'; readonly reason: ReaderRefusal; readonly detail: string };

export type ReaderRefusal = 'encrypted' | 'damaged' | 'image-too-large' | 'page-without-area';
