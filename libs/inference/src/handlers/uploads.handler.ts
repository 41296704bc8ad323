import { Controller, Inject, type Type } from '@nestjs/common';
import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import type { InferenceContracts } from '@trivium/contracts/inference';
import { AnswersCall, type CallContext, MESSAGING, type Messaging } from '@trivium/messaging';
import { Engine } from '../engine/engine.js';
import { Uploads } from '../uploads/uploads.js';

/** New versions, in parts. */
export function uploadsHandlerOf(contracts: InferenceContracts): Type {
  type C = typeof contracts;

  @Controller()
  class UploadsHandler {
    constructor(
      @Inject(Uploads) private readonly uploads: Uploads,
      @Inject(Engine) private readonly engine: Engine,
      @Inject(MESSAGING) private readonly messaging: Messaging,
    ) {}

    @AnswersCall(contracts.openUpload)
    open(request: ParsedRequestOf<C['openUpload']>): Promise<ReplyOf<C['openUpload']>> {
      return this.uploads.open(request);
    }

    @AnswersCall(contracts.getUpload)
    get({ uploadId }: ParsedRequestOf<C['getUpload']>): Promise<ReplyOf<C['getUpload']>> {
      return this.uploads.get(uploadId);
    }

    @AnswersCall(contracts.putUploadPart, { concurrency: 8, queue: 64 })
    async putPart(
      { data, ...part }: ParsedRequestOf<C['putUploadPart']>,
      { signal }: CallContext,
    ): Promise<ReplyOf<C['putUploadPart']>> {
      const bytes = await this.messaging.blobs.get(data, { signal });
      return this.uploads.putPart({ ...part, data: bytes, signal });
    }

    @AnswersCall(contracts.completeUpload, { concurrency: 2, queue: 16 })
    async complete(
      { uploadId }: ParsedRequestOf<C['completeUpload']>,
      { signal }: CallContext,
    ): Promise<ReplyOf<C['completeUpload']>> {
      const { model } = await this.uploads.complete(uploadId, signal);
      return this.engine.current(model);
    }

    @AnswersCall(contracts.cancelUpload)
    async cancel({ uploadId }: ParsedRequestOf<C['cancelUpload']>): Promise<ReplyOf<C['cancelUpload']>> {
      return { cancelled: await this.uploads.cancel(uploadId) };
    }
  }
  return UploadsHandler;
}
