import { Controller, Inject } from '@nestjs/common';
import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import { createKey, listKeys, revokeKey, verifyKey } from '@trivium/contracts/session';
import { AnswersCall, type CallContext } from '@trivium/messaging';
import { tenantOf } from '../database/tenant.js';
import { CreateKey } from './create-key.js';
import { ListKeys } from './list-keys.js';
import { RevokeKey } from './revoke-key.js';
import { VerifyKey } from './verify-key.js';

@Controller()
export class KeysHandler {
  constructor(
    @Inject(VerifyKey) private readonly verification: VerifyKey,
    @Inject(CreateKey) private readonly creation: CreateKey,
    @Inject(ListKeys) private readonly listing: ListKeys,
    @Inject(RevokeKey) private readonly revocation: RevokeKey,
  ) {}

  @AnswersCall(verifyKey, { concurrency: 64, queue: 1_024 })
  verify(request: ParsedRequestOf<typeof verifyKey>): Promise<ReplyOf<typeof verifyKey>> {
    return this.verification.execute(request);
  }

  @AnswersCall(createKey)
  create(request: ParsedRequestOf<typeof createKey>): Promise<ReplyOf<typeof createKey>> {
    return this.creation.execute(request);
  }

  @AnswersCall(listKeys)
  list(_request: ParsedRequestOf<typeof listKeys>, context: CallContext): Promise<ReplyOf<typeof listKeys>> {
    return this.listing.execute(tenantOf(context));
  }

  @AnswersCall(revokeKey)
  revoke(
    request: ParsedRequestOf<typeof revokeKey>,
    context: CallContext,
  ): Promise<ReplyOf<typeof revokeKey>> {
    return this.revocation.execute(request, tenantOf(context));
  }
}
