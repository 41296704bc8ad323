import { DomainError, type RequestOf } from '@trivium/contracts';
import type { extractCertificate } from '@trivium/contracts/certificates';
import type { readDocument } from '@trivium/contracts/ocr-certification';
import type { UploadedFile } from '../http/endpoint.js';
import type { Exchange } from '../http/exchange.js';
import type { TakeMedia } from '../media/take-media.js';
import type { DocumentRequest } from './document-shape.js';

type Document = RequestOf<typeof readDocument>;
type Portrait = RequestOf<typeof extractCertificate>['portrait'];

export interface PortraitInput {
  readonly portrait?: string | undefined;
  readonly portrait_file_id?: string | undefined;
}

export interface DocumentInput {
  readonly body: DocumentRequest | undefined;
  readonly form:
    { readonly file: UploadedFile; readonly fields: { readonly pages?: string | undefined } } | undefined;
}

/** The one document of a request, however it was sent, stored for the service that reads it. */
export class TakeDocument {
  constructor(private readonly media: TakeMedia) {}

  async execute({ body, form }: DocumentInput, exchange: Exchange): Promise<Document> {
    if (form !== undefined) {
      const { file, fields } = form;
      const content = await this.media.inspect(file.bytes, file.declaredType, 'file');
      const document = await this.media.put(content, exchange);
      const pages = fields.pages?.split(',').map(Number);
      return { document, filename: file.filename, path: 'file', ...(pages && { pages }) };
    }
    return this.#fromBody(body ?? {}, exchange);
  }

  /** The picture of whoever shows the document, where one was sent. */
  async portrait(
    { portrait: url, portrait_file_id: fileId }: PortraitInput,
    exchange: Exchange,
  ): Promise<Portrait> {
    if (url === undefined && fileId === undefined) return undefined;
    const param = url === undefined ? 'portrait_file_id' : 'portrait';
    if (url !== undefined && fileId !== undefined) {
      const message = "Send either 'portrait' or 'portrait_file_id'.";
      throw new DomainError('invalid_request', message, { param });
    }
    const { image } = await this.media.image({ url, fileId }, param, exchange, false);
    return { image, path: param };
  }

  async #fromBody(
    { document: data, file_id: fileId, filename, pages }: DocumentRequest,
    exchange: Exchange,
  ): Promise<Document> {
    if ((data === undefined) === (fileId === undefined)) {
      throw new DomainError('invalid_request', "Send either 'document' or 'file_id'.", { param: 'document' });
    }
    const rest = { ...(filename !== undefined && { filename }), ...(pages && { pages }) };
    if (fileId !== undefined) {
      const { file, content } = await this.media.stored(fileId, 'file_id', exchange);
      return { document: content, path: 'file_id', filename: file.filename, ...rest };
    }
    const content = await this.media.fileContent(data, 'document');
    return { document: await this.media.put(content, exchange), path: 'document', ...rest };
  }
}
