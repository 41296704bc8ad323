import { DomainError } from '@trivium/contracts';
import { canonicalMediaType, sniffMediaType } from './sniff.js';

/** Where the bytes came from, so that a refusal can name it. */
export interface Origin {
  /** Path of the part as the client wrote it: `messages[0].content[1].image_url`. */
  readonly path?: string | undefined;
  /** What the client says the bytes are; must agree with the bytes. Absent: nothing was said. */
  readonly declaredType?: string | undefined;
}

export interface Admission<Format extends string> {
  /** What the reader is told it sent: `image`, `audio`, `PDF`. */
  readonly noun: string;
  /** Canonical media type to format. */
  readonly formats: Readonly<Record<string, Format>>;
  /** As people say it: `PNG, JPEG and WebP`. */
  readonly accepted: string;
  readonly maxBytes: number;
}

/** Checks size, magic number and declared type; nothing is decoded. */
export async function admit<Format extends string>(
  bytes: Uint8Array,
  { noun, formats, accepted, maxBytes }: Admission<Format>,
  origin: Origin,
): Promise<Format> {
  if (bytes.byteLength === 0) throw unsupported(`The ${noun} is empty (0 bytes).`, origin);
  if (bytes.byteLength > maxBytes) {
    throw tooLarge(`The ${noun} has ${bytes.byteLength} bytes; at most ${maxBytes} are accepted.`, origin);
  }
  const sniffed = await sniffMediaType(bytes);
  const format = sniffed !== undefined && Object.hasOwn(formats, sniffed) ? formats[sniffed] : undefined;
  if (format === undefined) {
    const what = sniffed === undefined ? `not ${withArticle(noun)} of a known format` : sniffed;
    throw unsupported(`The ${noun} part is ${what}; ${accepted} are accepted.`, origin);
  }
  const declared = canonicalMediaType(origin.declaredType ?? '');
  if (declared !== '' && declared !== 'application/octet-stream' && declared !== sniffed) {
    throw unsupported(`The ${noun} is declared as ${declared} but its bytes are ${sniffed}.`, origin);
  }
  return format;
}

export function unsupported(message: string, origin: Origin, cause?: unknown): DomainError {
  return new DomainError('unsupported_media', message, { param: origin.path, cause });
}

export function tooLarge(message: string, origin: Origin): DomainError {
  return new DomainError('payload_too_large', message, { param: origin.path });
}

function withArticle(noun: string): string {
  return /^[aeiou]/i.test(noun) ? `an ${noun}` : `a ${noun}`;
}
