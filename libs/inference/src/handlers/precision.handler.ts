import { Controller, Inject, type Type } from '@nestjs/common';
import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import type { InferenceContracts } from '@trivium/contracts/inference';
import { AnswersCall, type CallContext } from '@trivium/messaging';
import { ModelFiles } from '../precision/model-file.js';
import { offThread } from '../precision/off-thread.js';
import { ProfileVersion } from '../precision/profile-version.js';
import { QuantizeVersion } from '../precision/quantize-version.js';

/** Each takes a core for a while. */
const ADMISSION = { concurrency: 1, queue: 8 };

/** What a model's file holds, where its time goes, and variants of it in fewer bits. */
export function precisionHandlerOf(contracts: InferenceContracts): Type {
  type C = typeof contracts;

  @Controller()
  class PrecisionHandler {
    constructor(
      @Inject(ModelFiles) private readonly files: ModelFiles,
      @Inject(ProfileVersion) private readonly profileVersion: ProfileVersion,
      @Inject(QuantizeVersion) private readonly quantizeVersion: QuantizeVersion,
    ) {}

    @AnswersCall(contracts.inspectModel, ADMISSION)
    async inspect(
      request: ParsedRequestOf<C['inspectModel']>,
      { signal }: CallContext,
    ): Promise<ReplyOf<C['inspectModel']>> {
      const { path, folder } = await this.files.find(request, signal);
      return { inspection: { ...(await offThread({ kind: 'inspect', path, folder }, signal)) } };
    }

    @AnswersCall(contracts.profileModel, ADMISSION)
    profile(
      request: ParsedRequestOf<C['profileModel']>,
      { signal }: CallContext,
    ): Promise<ReplyOf<C['profileModel']>> {
      return this.profileVersion.execute(request, signal);
    }

    @AnswersCall(contracts.quantizeModel)
    quantize(
      request: ParsedRequestOf<C['quantizeModel']>,
      { signal }: CallContext,
    ): Promise<ReplyOf<C['quantizeModel']>> {
      return this.quantizeVersion.execute(request, signal);
    }
  }
  return PrecisionHandler;
}
