import { Controller, Inject } from '@nestjs/common';
import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import {
  createConversation,
  deleteConversation,
  getConversation,
  updateConversation,
} from '@trivium/contracts/session';
import { AnswersCall, type CallContext } from '@trivium/messaging';
import { tenantOf } from '../database/tenant.js';
import { CreateConversation } from './create-conversation.js';
import { DeleteConversation } from './delete-conversation.js';
import { GetConversation } from './get-conversation.js';
import { UpdateConversation } from './update-conversation.js';

@Controller()
export class ConversationHandler {
  constructor(
    @Inject(CreateConversation) private readonly creation: CreateConversation,
    @Inject(GetConversation) private readonly reading: GetConversation,
    @Inject(UpdateConversation) private readonly change: UpdateConversation,
    @Inject(DeleteConversation) private readonly deletion: DeleteConversation,
  ) {}

  @AnswersCall(createConversation)
  create(
    request: ParsedRequestOf<typeof createConversation>,
    context: CallContext,
  ): Promise<ReplyOf<typeof createConversation>> {
    return this.creation.execute(request, tenantOf(context));
  }

  @AnswersCall(getConversation)
  get(
    request: ParsedRequestOf<typeof getConversation>,
    context: CallContext,
  ): Promise<ReplyOf<typeof getConversation>> {
    return this.reading.execute(request, tenantOf(context));
  }

  @AnswersCall(updateConversation)
  update(
    request: ParsedRequestOf<typeof updateConversation>,
    context: CallContext,
  ): Promise<ReplyOf<typeof updateConversation>> {
    return this.change.execute(request, tenantOf(context));
  }

  @AnswersCall(deleteConversation)
  delete(
    request: ParsedRequestOf<typeof deleteConversation>,
    context: CallContext,
  ): Promise<ReplyOf<typeof deleteConversation>> {
    return this.deletion.execute(request, tenantOf(context));
  }
}
