import { Controller, Inject } from '@nestjs/common';
import { DomainError } from '@trivium/contracts';
import * as session from '@trivium/contracts/session';
import { MESSAGING, type Messaging } from '@trivium/messaging';
import { z } from 'zod';
import { nowInSeconds } from '../converse/identifier.js';
import { type AnswerOf, endpoint, type InputOf } from '../http/endpoint.js';
import type { Exchange } from '../http/exchange.js';
import { FileDownload } from '../http/file-download.js';
import { Serves } from '../http/serves.js';
import { TakeMedia } from '../media/take-media.js';
import {
  DeletedFile,
  File,
  FilePage,
  FilePageQuery,
  showFile,
  showFilePage,
  UploadFields,
} from './file-shape.js';

const params = z.strictObject({ file_id: z.string() });
const place = { tag: 'Files', access: 'key' } as const;

export const createFile = endpoint({
  ...place,
  operationId: 'createFile',
  method: 'POST',
  path: '/v1/files',
  summary: 'Upload a file to point at from messages',
  form: { fields: UploadFields },
  reply: File,
});

export const listFiles = endpoint({
  ...place,
  operationId: 'listFiles',
  method: 'GET',
  path: '/v1/files',
  summary: 'Uploaded files, newest first unless order=asc',
  query: FilePageQuery,
  reply: FilePage,
});

export const getFile = endpoint({
  ...place,
  operationId: 'getFile',
  method: 'GET',
  path: '/v1/files/:file_id',
  summary: 'What is known about a file',
  params,
  reply: File,
});

export const deleteFile = endpoint({
  ...place,
  operationId: 'deleteFile',
  method: 'DELETE',
  path: '/v1/files/:file_id',
  summary: 'Delete a file',
  params,
  reply: DeletedFile,
});

export const getFileContent = endpoint({
  ...place,
  operationId: 'getFileContent',
  method: 'GET',
  path: '/v1/files/:file_id/content',
  summary: 'The bytes of a file, as an attachment',
  params,
});

@Controller()
export class FilesController {
  constructor(
    @Inject(MESSAGING) private readonly messaging: Messaging,
    @Inject(TakeMedia) private readonly media: TakeMedia,
  ) {}

  @Serves(createFile)
  async create(
    { form }: InputOf<typeof createFile>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof createFile>> {
    if (form === undefined) {
      throw new DomainError('invalid_request', "Missing required parameter: 'file'.", { param: 'file' });
    }
    const { file, fields } = form;
    const inspected = await this.media.inspect(file.bytes, file.declaredType, 'file');
    const content = await this.media.put(inspected, exchange);
    const seconds = fields['expires_after[seconds]'];
    const expiresAt = seconds === undefined ? null : nowInSeconds() + seconds;
    return showFile(await this.media.keep(content, file.filename, fields.purpose, exchange, expiresAt));
  }

  @Serves(listFiles)
  async list({ query }: InputOf<typeof listFiles>, exchange: Exchange): Promise<AnswerOf<typeof listFiles>> {
    const { files, hasMore } = await this.messaging.call(session.listFiles, query, exchange.callOptions);
    return showFilePage(files, hasMore);
  }

  @Serves(getFile)
  async get({ params }: InputOf<typeof getFile>, exchange: Exchange): Promise<AnswerOf<typeof getFile>> {
    const request = { fileId: params.file_id };
    return showFile(await this.messaging.call(session.getFile, request, exchange.callOptions));
  }

  @Serves(deleteFile)
  async delete(
    { params }: InputOf<typeof deleteFile>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof deleteFile>> {
    const request = { fileId: params.file_id };
    const { id, deleted } = await this.messaging.call(session.deleteFile, request, exchange.callOptions);
    return { id, object: 'file', deleted };
  }

  @Serves(getFileContent)
  async content(
    { params }: InputOf<typeof getFileContent>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof getFileContent>> {
    const request = { fileId: params.file_id };
    const { file, content } = await this.messaging.call(session.readFile, request, exchange.callOptions);
    this.media.onlyFor(exchange, content);
    const bytes = await exchange.inTime(this.messaging.blobs.get(content, { signal: exchange.signal }));
    return new FileDownload(bytes, file.filename, file.mediaType);
  }
}
