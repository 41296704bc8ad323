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
import type { ReaderReply, ReaderRequest, WantedPage } from './reader-protocol.js';
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

interface OpenPage {
  readonly page: PDFPageProxy;
  readonly viewport: PageViewport;
  /** Size and resolution of its picture. */
  readonly picture: { readonly width: number; readonly height: number; readonly dpi: number };
}

async function withPage(
  wanted: WantedPage,
  work: (open: OpenPage) => Promise<ReaderReply>,
): Promise<ReaderReply> {
  if (document === undefined) throw new Error('No document is open');
  const page = await document.getPage(wanted.page);
  const viewport = viewportOf(page, wanted);
  const [width, height] = [Math.floor(viewport.width), Math.floor(viewport.height)];
  if (!(width >= 1 && height >= 1 && Number.isFinite(width * height))) {
    return { kind: 'refused', reason: 'page-without-area', detail: page.view.join(' ') };
  }
  imageRemoved = false;
  try {
    const reply = await work({
      page,
      viewport,
      picture: { width, height, dpi: viewport.scale * POINTS_PER_INCH },
    });
    return imageRemoved ? { kind: 'refused', reason: 'image-too-large', detail: IMAGE_REMOVED } : reply;
  } finally {
    page.cleanup();
  }
}

/** The picture of the page, whatever it stores. */
async function drawWhole({ page, viewport, picture }: OpenPage): Promise<ReaderReply> {
  return { kind: 'drawn', ...picture, png: await encode(await draw(page, viewport)) };
}

/** The text that the page stores, or its picture where that text cannot be believed. */
async function read(
  { page, viewport, picture }: OpenPage,
  request: ReaderRequest & { kind: 'read' },
): Promise<ReaderReply> {
  const pieces = (await piecesOf(page, viewport, request.maxTextPieces)) ?? [];
  const fault = faultOfText(countCharacters(pieces.map(({ text }) => text)));
  const painting = fault === null ? await paintingOf(page) : null;
  const because = fault ?? (painting === null ? null : faultOfPainting(painting));
  const canvas =
    because !== null || (request.codes && painting?.drawn === true) ? await draw(page, viewport) : null;
  const codes = canvas !== null && request.codes ? await codesIn(canvas) : [];
  return because === null || canvas === null
    ? { kind: 'text', ...picture, codes, lines: linesOf(pieces) }
    : { kind: 'picture', ...picture, codes, because, png: await encode(canvas) };
}

const encode = async (canvas: Canvas): Promise<Uint8Array> => new Uint8Array(await canvas.encode('png'));

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

function answer(request: ReaderRequest): Promise<ReaderReply> {
  switch (request.kind) {
    case 'open':
      return open(request);
    case 'draw':
      return withPage(request, drawWhole);
    case 'read':
      return withPage(request, (page) => read(page, request));
  }
}

process.on('message', (request: ReaderRequest) => {
  void answer(request)
    .catch(refusalOf)
    .then((message) => process.send?.(message));
});
process.on('disconnect', () => process.exit());
// An error outside the awaited chain must end this process, so that the parent learns of it at once.
process.on('unhandledRejection', () => process.exit(1));
process.send?.(READY);
