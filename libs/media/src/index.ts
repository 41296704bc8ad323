export { sniffMediaType } from './media-type/sniff.js';
export { type DecodedImage, decodeImage } from './image/decode-image.js';
export { type MarkedImage, markImage, type MarkOptions } from './image/mark-image.js';
export type { Place } from './image/raster.js';
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
  type PdfPage,
  type PicturePage,
  readPdfPages,
  type ReadPdfOptions,
  type RenderedPage,
  renderPdfPages,
  type TextPage,
} from './pdf/read-pdf.js';
export type { TextLayerFault } from './pdf/text-layer.js';
export type { AudioFormat } from './audio/audio-header.js';
export { AUDIO_LIMITS, type AudioLimits } from './audio/audio-limits.js';
export { decodeAudio, type DecodeAudioOptions, type DecodedAudio } from './audio/decode-audio.js';
export { type AudioOptions, inspectAudio, type InspectedAudio } from './audio/inspect-audio.js';
export { resample } from './audio/resample.js';
export { readCodes, type ReadCodesOptions } from './codes/read-codes.js';
export { OFD_LIMITS, type OfdLimits } from './ofd/ofd-limits.js';
export type { OfdPage } from './ofd/parse-ofd.js';
export { readOfd, type ReadOfdOptions } from './ofd/read-ofd.js';
