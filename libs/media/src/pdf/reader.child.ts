import '../isolation/quiet-console.js';
import { fileURLToPath } from 'node:url';
import { type Canvas, createCanvas } from '@napi-rs/canvas';
import type { DocumentCode } from '@trivium/contracts/ocr-certification';
import {
  getDocument,
  type PageViewport,
  type PDFDocumentProxy,
  type PDFPageProxy,
} from 'pdfjs-dist/legacy/build/pdf.mjs';
import { scanCodes } from '../codes/scan-codes.js';
import { READY } from '../isolation/serve-jobs.js';
import { paintingOf } from './page-painting.js';
import { piecesOf } from './page-text.js';
import type { ReaderReply, ReaderRequest } from './reader-protocol.js';
import { countCharacters, faultOfPainting, faultOfText } from './text-layer.js';
import { linesOf } from '../page/text-lines.js';

const POINTS_PER_INCH = 72;
const IMAGE_REMOVED = 'Image exceeded maximum allowed size';

const assets = new URL('./', import.meta.resolve('pdfjs-dist/package.json'));
const assetFolder = (name: string): string => fileURLToPath(new URL(`${name}/`, assets));

let document: PDFDocumentProxy | undefined;

// @NOTE pdf.js leaves out a picture above its limit and only warns; a page without it would be a lie,
// so the warning becomes a refusal of the page.
let imageRemoved = false;
const onWarning = (message: unknown): void => {
  if (String(message).includes(IMAGE_REMOVED)) imageRemoved = true;
};
Object.assign(console, { warn: onWarning });

async function open(request: ReaderRequest & { kind: 'open' }): Promise<ReaderReply> {
  document = await getDocument({
    data: new Uint8Array(request.bytes),
    cMapUrl: assetFolder('cmaps'),
    cMapPacked: true,
    standardFontDataUrl: assetFolder('standard_fonts'),
    wasmUrl: assetFolder('wasm'),
    iccUrl: assetFolder('iccs'),
    enableXfa: false,
    maxImageSize: request.maxImagePixels,
    useWorkerFetch: false,
  }).promise;
  return { kind: 'opened', pages: document.numPages };
}

/** The text that the page stores, or its picture where that text cannot be believed. */
async function read(request: ReaderRequest & { kind: 'read' }): Promise<ReaderReply> {
  if (document === undefined) throw new Error('No document is open');
  const page = await document.getPage(request.page);
  const viewport = viewportOf(page, request);
  const picture = {
    width: Math.floor(viewport.width),
    height: Math.floor(viewport.height),
    dpi: viewport.scale * POINTS_PER_INCH,
  };
  const { width, height } = picture;
  if (!(width >= 1 && height >= 1 && Number.isFinite(width * height))) {
    return { kind: 'refused', reason: 'page-without-area', detail: page.view.join(' ') };
  }
  imageRemoved = false;
  try {
    const pieces = (await piecesOf(page, viewport, request.maxTextPieces)) ?? [];
    const fault = faultOfText(countCharacters(pieces.map(({ text }) => text)));
    const painting = fault === null ? await paintingOf(page) : null;
    const because = fault ?? (painting === null ? null : faultOfPainting(painting));
    const canvas =
      because !== null || (request.codes && painting?.drawn === true) ? await draw(page, viewport) : null;
    if (imageRemoved) return { kind: 'refused', reason: 'image-too-large', detail: IMAGE_REMOVED };
    const codes = canvas !== null && request.codes ? await codesIn(canvas) : [];
    if (because === null || canvas === null)
      return { kind: 'text', ...picture, codes, lines: linesOf(pieces) };
    return { kind: 'picture', ...picture, codes, because, png: new Uint8Array(await canvas.encode('png')) };
  } finally {
    page.cleanup();
  }
}

async function draw(page: PDFPageProxy, viewport: PageViewport): Promise<Canvas> {
  const canvas = createCanvas(Math.floor(viewport.width), Math.floor(viewport.height));
  await page.render({ canvas, canvasContext: canvas.getContext('2d'), viewport }).promise;
  return canvas;
}

/** A page whose codes cannot be searched is read all the same: they are a second witness, not the text. */
async function codesIn(canvas: Canvas): Promise<DocumentCode[]> {
  const { width, height } = canvas;
  const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
  return scanCodes({ width, height, data: new Uint8ClampedArray(data) }).catch(() => []);
}

function viewportOf(
  page: PDFPageProxy,
  { dpi, maxPixels }: { readonly dpi: number; readonly maxPixels: number },
): PageViewport {
  const points = page.getViewport({ scale: 1 });
  const scale = Math.min(dpi / POINTS_PER_INCH, Math.sqrt(maxPixels / (points.width * points.height)));
  return page.getViewport({ scale });
}

function refusalOf(error: unknown): ReaderReply {
  const name = error instanceof Error ? error.name : 'unknown';
  const reason = name === 'PasswordException' ? 'encrypted' : 'damaged';
  return {
    kind: 'refused',
    reason,
    detail: error instanceof Error ? `${name}: ${error.message}` : String(error),
  };
}

process.on('message', (request: ReaderRequest) => {
  const reply = request.kind === 'open' ? open(request) : read(request);
  void reply.catch(refusalOf).then((message) => process.send?.(message));
});
process.on('disconnect', () => process.exit());
// An error outside the awaited chain must end this process, so that the parent learns of it at once.
process.on('unhandledRejection', () => process.exit(1));
process.send?.(READY);
