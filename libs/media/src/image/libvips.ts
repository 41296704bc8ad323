import sharp, { type Sharp, type SharpOptions } from 'sharp';

// @NOTE the decoders of libvips are process-wide state: only the three that are served may ever run,
// so that no byte string reaches the SVG, PDF, TIFF or ImageMagick loaders.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['VipsForeignLoadPngBuffer', 'VipsForeignLoadJpegBuffer', 'VipsForeignLoadWebpBuffer'],
});
sharp.cache(false);
sharp.concurrency(1);

/** The only way by which this library hands bytes to libvips. */
export function openImage(bytes: Uint8Array, options: SharpOptions): Sharp {
  return sharp(bytes, { failOn: 'error', pages: 1, limitInputChannels: 4, ...options });
}
