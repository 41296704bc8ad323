import { setImmediate } from 'node:timers/promises';
import { DomainError } from '@trivium/contracts';

const HEAD = /^data:([\w.+-]+\/[\w.+-]+)?((?:;[\w.+-]+=[^;,]*)*)(;base64)?,/i;
/** Decoded at a time, between which other requests get their turn; a multiple of four characters. */
const SLICE_CHARACTERS = 4 * 1024 * 1024;

export interface DataUrl {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

export function isDataUrl(text: string): boolean {
  return text.slice(0, 5).toLowerCase() === 'data:';
}

/** Refuses what is not base64 to its last character, where Node would decode what it can and say nothing. */
export async function decodeDataUrl(url: string, path: string): Promise<DataUrl> {
  const head = HEAD.exec(url.slice(0, 512));
  if (head?.[3] === undefined) {
    throw new DomainError('invalid_request', `'${path}': expected data:<media type>;base64,<data>.`, {
      param: path,
    });
  }
  const bytes = await decodeBase64(url, head[0].length, path);
  return { mediaType: (head[1] ?? 'application/octet-stream').toLowerCase(), bytes };
}

export async function decodeBase64(text: string, from: number, path: string): Promise<Uint8Array> {
  let end = text.length;
  while (end > from && end > text.length - 2 && text.charCodeAt(end - 1) === PADDING) end -= 1;
  const size = Math.floor(((end - from) * 3) / 4);
  const bytes = Buffer.allocUnsafe(size);
  let written = 0;
  for (let start = from; start < end; start += SLICE_CHARACTERS) {
    if (start > from) await setImmediate();
    written += bytes.write(text.slice(start, Math.min(end, start + SLICE_CHARACTERS)), written, 'base64');
  }
  if (written === size && (end - from) % 4 !== 1) return bytes;
  throw new DomainError('invalid_request', `'${path}': the data is not valid base64.`, { param: path });
}

const PADDING = '='.charCodeAt(0);
