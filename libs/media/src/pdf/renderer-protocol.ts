/** What the renderer process is asked, and what it answers; one answer to each request, in order. */
export type RendererRequest =
  | { readonly kind: 'open'; readonly bytes: Uint8Array; readonly maxImagePixels: number }
  | { readonly kind: 'render'; readonly page: number; readonly dpi: number; readonly maxPixels: number };

export type RendererReply =
  | { readonly kind: 'opened'; readonly pages: number }
  | {
      readonly kind: 'rendered';
      readonly width: number;
      readonly height: number;
      readonly dpi: number;
      readonly png: Uint8Array;
    }
  | { readonly kind: 'refused'; readonly reason: RendererRefusal; readonly detail: string };

export type RendererRefusal = 'encrypted' | 'damaged' | 'image-too-large' | 'page-without-area';
