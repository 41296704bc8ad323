import { fileTypeFromBuffer } from 'file-type';

/** One spelling per type, whichever of its names a client or a detector uses. */
const ALIASES: Readonly<Record<string, string>> = {
  'application/ogg': 'audio/ogg',
  'application/vnd.ofd': 'application/ofd',
  'application/x-ofd': 'application/ofd',
  'application/x-pdf': 'application/pdf',
  'audio/mp3': 'audio/mpeg',
  'audio/opus': 'audio/ogg',
  'audio/vnd.wave': 'audio/wav',
  'audio/wave': 'audio/wav',
  'audio/x-flac': 'audio/flac',
  'audio/x-wav': 'audio/wav',
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
};

/** So much of either end of a zip file is searched for names. */
const ZIP_END_BYTES = 256 * 1024;

/** Lower case, without parameters, aliases resolved: `Audio/X-WAV; rate=8000` becomes `audio/wav`. */
export function canonicalMediaType(mediaType: string): string {
  const bare = (mediaType.split(';', 1)[0] ?? '').trim().toLowerCase();
  return Object.hasOwn(ALIASES, bare) ? (ALIASES[bare] ?? bare) : bare;
}

/**
 * What the bytes are by their magic number, whatever anybody called them. Undefined: nothing known,
 * such as plain text.
 */
export async function sniffMediaType(bytes: Uint8Array): Promise<string | undefined> {
  if (looksLikeSvg(bytes)) return 'image/svg+xml';
  const detected = await fileTypeFromBuffer(bytes).catch(() => undefined);
  if (detected?.mime === 'application/zip' && holdsOfd(bytes)) return 'application/ofd';
  return detected === undefined ? undefined : canonicalMediaType(detected.mime);
}

/** Names of files stand at both ends of a zip; an OFD is one that holds `OFD.xml`. */
function holdsOfd(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ends = [buffer.subarray(0, ZIP_END_BYTES), buffer.subarray(-ZIP_END_BYTES)];
  return ends.some((end) => end.includes('OFD.xml', 0, 'latin1'));
}

/** SVG has no magic number: an `<svg` element after nothing but XML prolog. */
function looksLikeSvg(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 4096)).toString('utf8');
  const text = head.replace(/^\uFEFF/, '').trimStart();
  return text.startsWith('<') && /<svg[\s>]/i.test(text);
}
