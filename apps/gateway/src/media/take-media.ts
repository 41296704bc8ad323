import { DomainError } from '@trivium/contracts';
import type { Binary, ContentPart } from '@trivium/contracts/content';
import { putFile, readFile, type StoredFile } from '@trivium/contracts/session';
import { inspectImage, sniffMediaType } from '@trivium/media';
import type { Messaging } from '@trivium/messaging';
import type { Exchange } from '../http/exchange.js';
import { decodeBase64, decodeDataUrl, isDataUrl } from './data-url.js';

type ImagePart = Extract<ContentPart, { type: 'image' }>;
type FilePart = Extract<ContentPart, { type: 'file' }>;

export interface ImageSource {
  readonly url?: string | undefined;
  readonly fileId?: string | undefined;
  readonly detail?: ImagePart['detail'] | undefined;
}

export interface FileSource {
  readonly data?: string | undefined;
  readonly fileId?: string | undefined;
  readonly filename?: string | undefined;
}

/** Bytes as they came from a client, with what they are. */
export interface Content {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

/**
 * Takes pictures and files out of requests: looked at once, stored once, and from there on passed by
 * reference. `path` is where the client wrote them.
 */
export class TakeMedia {
  constructor(private readonly messaging: Messaging) {}

  /** With `keep` the bytes become a file of the session, so that a stored turn can point at it. */
  async image(source: ImageSource, path: string, exchange: Exchange, keep: boolean): Promise<ImagePart> {
    const rest = { detail: source.detail ?? 'auto', path } as const;
    if (source.fileId !== undefined) {
      const { file, content } = await this.stored(source.fileId, path, exchange);
      if (!isPicture(file.mediaType)) {
        throw new DomainError(
          'unsupported_media',
          `'${path}': ${file.id} is ${file.mediaType}, not an image.`,
          {
            param: path,
          },
        );
      }
      return { type: 'image', image: content, fileId: file.id, ...rest };
    }
    const { bytes, mediaType } = await decodeDataUrl(localOnly(source.url, path), path);
    const { format } = await inspectImage(bytes, { path, declaredType: mediaType });
    const image = await this.put({ bytes, mediaType: `image/${format}` }, exchange);
    if (!keep) return { type: 'image', image, ...rest };
    const file = await this.keep(image, `image.${format}`, 'vision', exchange);
    return { type: 'image', image, fileId: file.id, ...rest };
  }

  async file(source: FileSource, path: string, exchange: Exchange, keep: boolean): Promise<FilePart> {
    if (source.fileId !== undefined) {
      const { file, content } = await this.stored(source.fileId, path, exchange);
      return { type: 'file', file: content, filename: file.filename, fileId: file.id, path };
    }
    const filename = source.filename ?? 'file';
    const file = await this.put(await this.fileContent(source.data, path), exchange);
    if (!keep) return { type: 'file', file, filename, path };
    const { id } = await this.keep(file, filename, 'user_data', exchange);
    return { type: 'file', file, filename, fileId: id, path };
  }

  /** What the bytes are, whatever they were called; a picture must be one that can be opened safely. */
  async inspect(bytes: Uint8Array, declaredType: string, path: string): Promise<Content> {
    if (bytes.byteLength === 0) {
      throw new DomainError('unsupported_media', `'${path}': the file is empty.`, { param: path });
    }
    const mediaType = (await sniffMediaType(bytes)) ?? withoutClaims(declaredType);
    if (isPicture(mediaType)) await inspectImage(bytes, { path });
    return { bytes, mediaType };
  }

  /** In the message that asks for the answer while there is room in it, otherwise in the store. */
  async put(content: Content, exchange: Exchange): Promise<Binary> {
    const { bytes, mediaType } = content;
    if (!exchange.takeRoom(bytes.byteLength)) return this.#store(content, exchange);
    const binary = await exchange.inTime(this.messaging.blobs.put(bytes, mediaType));
    this.onlyFor(exchange, binary);
    return binary;
  }

  /** The store is for passing on: a blob goes when its request is over, long before its lifetime ends. */
  onlyFor(exchange: Exchange, binary: Binary): void {
    if (binary.kind === 'inline') return;
    exchange.afterwards(() => {
      // What cannot be deleted now ends with its bucket's lifetime.
      this.messaging.blobs.delete(binary).catch(() => undefined);
    });
  }

  async stored(
    fileId: string,
    path: string,
    exchange: Exchange,
  ): Promise<{ file: StoredFile; content: Binary }> {
    try {
      const { file, content } = await this.messaging.call(readFile, { fileId }, exchange.callOptions);
      this.onlyFor(exchange, content);
      const isCarried = content.kind === 'blob' || exchange.takeRoom(content.bytes.byteLength);
      return { file, content: isCarried ? content : await this.#store(content, exchange) };
    } catch (error) {
      if (!DomainError.is(error) || error.code !== 'not_found') throw error;
      throw new DomainError('not_found', `'${path}': no file has the id ${fileId}.`, { param: path });
    }
  }

  async keep(
    content: Binary,
    filename: string,
    purpose: StoredFile['purpose'],
    exchange: Exchange,
    expiresAt: number | null = null,
  ): Promise<StoredFile> {
    return this.messaging.call(putFile, { content, filename, purpose, expiresAt }, exchange.callOptions);
  }

  async #store({ bytes, mediaType }: Content, exchange: Exchange): Promise<Binary> {
    const binary = await exchange.inTime(this.messaging.blobs.put(bytes, mediaType, { inline: false }));
    this.onlyFor(exchange, binary);
    return binary;
  }

  /** A data URL, or bare base64 as some clients send it. */
  async fileContent(data: string | undefined, path: string): Promise<Content> {
    const text = localOnly(data, path);
    if (!isDataUrl(text)) return this.inspect(await decodeBase64(text, 0, path), '', path);
    const { bytes, mediaType } = await decodeDataUrl(text, path);
    return this.inspect(bytes, mediaType, path);
  }
}

function localOnly(url: string | undefined, path: string): string {
  if (url === undefined) {
    throw new DomainError('invalid_request', `'${path}': give the data or a file_id.`, { param: path });
  }
  if (!/^https?:/i.test(url)) return url;
  throw new DomainError(
    'unsupported_parameter',
    `'${path}': fetching remote URLs is off on this server. Send a data: URL or upload the file to /v1/files.`,
    { param: path },
  );
}

function isPicture(mediaType: string): boolean {
  return mediaType.startsWith('image/');
}

/** A magic number would have shown: bytes without one are none of these, whatever was declared. */
function withoutClaims(declaredType: string): string {
  const bare = (declaredType.split(';', 1)[0] ?? '').trim().toLowerCase();
  return /^(text\/(plain|csv|markdown)|application\/(json|jsonl|x-ndjson))$/.test(bare)
    ? bare
    : 'application/octet-stream';
}
