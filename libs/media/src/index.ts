export { sniffMediaType } from './media-type/sniff.js';
export { type DecodedImage, decodeImage } from './image/decode-image.js';
export { IMAGE_LIMITS, type ImageLimits } from './image/image-limits.js';
export {
  type ImageFormat,
  type ImageHeader,
  type ImageOptions,
  inspectImage,
} from './image/inspect-image.js';
export { PDF_LIMITS, type PdfLimits } from './pdf/pdf-limits.js';
export {
  inspectPdf,
  type PdfOptions,
  type RenderedPage,
  renderPdfPages,
  type RenderPdfOptions,
} from './pdf/render-pdf.js';
