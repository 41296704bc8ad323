import { Controller, Inject } from '@nestjs/common';
import { inferenceContracts, type Upload as ServiceUpload } from '@trivium/contracts/inference';
import {
  FilePath,
  type InferenceService,
  ModelId,
  ModelVersion,
  VersionFiles,
} from '@trivium/contracts/model-manifest';
import { z } from 'zod';
import { type AnswerOf, endpoint, type InputOf } from '../http/endpoint.js';
import type { Exchange } from '../http/exchange.js';
import { Serves } from '../http/serves.js';
import { TakeMedia } from '../media/take-media.js';
import { Model, showModel } from './model-shape.js';
import { ModelServices } from './model-services.js';
import { readScopedId, scopedId } from './scoped-id.js';

const place = { tag: 'Model administration', access: 'admin' } as const;
const params = z.strictObject({ upload_id: z.string().max(256) });

const Upload = z
  .strictObject({
    object: z.literal('model.upload'),
    id: z.string(),
    model: ModelId,
    version: ModelVersion,
    files: VersionFiles,
    part_bytes: z.int().describe("size of all parts but each file's last"),
    received: z.record(z.string(), z.array(z.int())).describe('indexes of the parts that are here, by file'),
    expires_at: z.int(),
  })
  .meta({ id: 'ModelUpload' });

export const openUpload = endpoint({
  ...place,
  operationId: 'openModelUpload',
  method: 'POST',
  path: '/admin/models/:model/uploads',
  summary: 'Announce the files of a version; the answer says in what parts to send them',
  params: z.strictObject({ model: ModelId }),
  body: z
    .strictObject({
      version: ModelVersion.optional().describe('absent: the next one'),
      files: VersionFiles.refine((files) => Object.keys(files).length > 0, 'has no file'),
    })
    .meta({ id: 'OpenModelUploadRequest' }),
  reply: Upload,
});

export const getUpload = endpoint({
  ...place,
  operationId: 'getModelUpload',
  method: 'GET',
  path: '/admin/model-uploads/:upload_id',
  summary: 'What has arrived of an upload, to go on with it',
  params,
  reply: Upload,
});

export const putUploadPart = endpoint({
  ...place,
  operationId: 'putModelUploadPart',
  method: 'PUT',
  path: '/admin/model-uploads/:upload_id/parts/:index',
  summary: 'Send one part of a file; parts come in any order, and again if one likes',
  params: params.extend({ index: z.coerce.number().int().min(0) }),
  query: z.strictObject({ path: FilePath.describe('of the file, as it was announced') }),
  bytes: { description: 'bytes index * part_bytes up to the next part of the file' },
  reply: z
    .strictObject({
      object: z.literal('model.upload.part'),
      received: z.int().describe('parts of this file that are here'),
      expected: z.int(),
    })
    .meta({ id: 'ModelUploadPart' }),
});

export const completeUpload = endpoint({
  ...place,
  operationId: 'completeModelUpload',
  method: 'POST',
  path: '/admin/model-uploads/:upload_id/complete',
  summary: 'Verify the files, try to load them, and publish the version: all of it or nothing',
  params,
  reply: Model,
});

export const cancelUpload = endpoint({
  ...place,
  operationId: 'cancelModelUpload',
  method: 'DELETE',
  path: '/admin/model-uploads/:upload_id',
  summary: 'Forget an upload and what has arrived of it',
  params,
  reply: z
    .strictObject({ object: z.literal('model.upload'), id: z.string(), cancelled: z.boolean() })
    .meta({ id: 'CancelledModelUpload' }),
});

@Controller()
export class ModelUploadsController {
  constructor(
    @Inject(ModelServices) private readonly services: ModelServices,
    @Inject(TakeMedia) private readonly media: TakeMedia,
  ) {}

  @Serves(openUpload)
  async open(
    { params: { model }, body }: InputOf<typeof openUpload>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof openUpload>> {
    const contracts = await this.services.contractsFor(model, exchange);
    const upload = await this.services.call(contracts.openUpload, { model, ...body }, exchange);
    return show(contracts.service, upload);
  }

  @Serves(getUpload)
  async get(
    { params: { upload_id: text } }: InputOf<typeof getUpload>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof getUpload>> {
    const { service, id: uploadId } = readScopedId(text, 'upload_id');
    const contract = inferenceContracts[service].getUpload;
    return show(service, await this.services.call(contract, { uploadId }, exchange));
  }

  @Serves(putUploadPart)
  async putPart(
    { params: { upload_id: text, index }, query: { path }, bytes }: InputOf<typeof putUploadPart>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof putUploadPart>> {
    const { service, id: uploadId } = readScopedId(text, 'upload_id');
    const content = { bytes: bytes.content, mediaType: 'application/octet-stream' };
    const data = await this.media.put(content, exchange);
    const contract = inferenceContracts[service].putUploadPart;
    const part = await this.services.call(contract, { uploadId, path, index, data }, exchange);
    return { object: 'model.upload.part', ...part };
  }

  @Serves(completeUpload)
  async complete(
    { params: { upload_id: text } }: InputOf<typeof completeUpload>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof completeUpload>> {
    const { service, id: uploadId } = readScopedId(text, 'upload_id');
    const contract = inferenceContracts[service].completeUpload;
    return showModel(await this.services.call(contract, { uploadId }, exchange));
  }

  @Serves(cancelUpload)
  async cancel(
    { params: { upload_id: text } }: InputOf<typeof cancelUpload>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof cancelUpload>> {
    const { service, id: uploadId } = readScopedId(text, 'upload_id');
    const contract = inferenceContracts[service].cancelUpload;
    const { cancelled } = await this.services.call(contract, { uploadId }, exchange);
    return { object: 'model.upload', id: text, cancelled };
  }
}

function show(service: InferenceService, upload: ServiceUpload): z.input<typeof Upload> {
  return {
    object: 'model.upload',
    id: scopedId(service, upload.uploadId),
    model: upload.model,
    version: upload.version,
    files: upload.files,
    part_bytes: upload.partBytes,
    received: upload.received,
    expires_at: upload.expiresAt,
  };
}
