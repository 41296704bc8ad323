import '../isolation/quiet-console.js';
import { fileURLToPath } from 'node:url';
import { createCanvas } from '@napi-rs/canvas';
import { getDocument, type PDFDocumentProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { READY } from '../isolation/serve-jobs.js';
import type { RendererReply, RendererRequest } from './renderer-protocol.js';

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

async function open(request: RendererRequest & { kind: 'open' }): Promise<RendererReply> {
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

async function render(request: RendererRequest & { kind: 'render' }): Promise<RendererReply> {
  if (document === undefined) throw new Error('No document is open');
  const page = await document.getPage(request.page);
  const points = page.getViewport({ scale: 1 });
  const wanted = request.dpi / POINTS_PER_INCH;
  const scale = Math.min(wanted, Math.sqrt(request.maxPixels / (points.width * points.height)));
  const viewport = page.getViewport({ scale });
  const width = Math.floor(viewport.width);
  const height = Math.floor(viewport.height);
  if (!(width >= 1 && height >= 1 && Number.isFinite(width * height))) {
    return { kind: 'refused', reason: 'page-without-area', detail: `${points.width} x ${points.height}` };
  }
  const canvas = createCanvas(width, height);
  imageRemoved = false;
  await page.render({ canvas, canvasContext: canvas.getContext('2d'), viewport }).promise;
  page.cleanup();
  if (imageRemoved) return { kind: 'refused', reason: 'image-too-large', detail: IMAGE_REMOVED };
  const png = await canvas.encode('png');
  return { kind: 'rendered', width, height, dpi: scale * POINTS_PER_INCH, png: new Uint8Array(png) };
}

function refusalOf(error: unknown): RendererReply {
  const name = error instanceof Error ? error.name : 'unknown';
  const reason = name === 'PasswordException' ? 'encrypted' : 'damaged';
  return {
    kind: 'refused',
    reason,
    detail: error instanceof Error ? `${name}: ${error.message}` : String(error),
  };
}

process.on('message', (request: RendererRequest) => {
  const reply = request.kind === 'open' ? open(request) : render(request);
  void reply.catch(refusalOf).then((message) => process.send?.(message));
});
process.on('disconnect', () => process.exit());
// An error outside the awaited chain must end this process, so that the parent learns of it at once.
process.on('unhandledRejection', () => process.exit(1));
process.send?.(READY);
