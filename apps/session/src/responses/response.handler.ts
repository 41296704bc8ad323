import { Controller, Inject } from '@nestjs/common';
import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import {
  appendTurn,
  deleteResponse,
  getResponse,
  listResponseInput,
  loadHistory,
} from '@trivium/contracts/session';
import { AnswersCall, type CallContext } from '@trivium/messaging';
import { tenantOf } from '../database/tenant.js';
import { AppendTurn } from './append-turn.js';
import { DeleteResponse } from './delete-response.js';
import { GetResponse } from './get-response.js';
import { ListResponseInput } from './list-response-input.js';
import { LoadHistory } from './load-history.js';

@Controller()
export class ResponseHandler {
  constructor(
    @Inject(AppendTurn) private readonly appending: AppendTurn,
    @Inject(LoadHistory) private readonly history: LoadHistory,
    @Inject(GetResponse) private readonly reading: GetResponse,
    @Inject(ListResponseInput) private readonly inputListing: ListResponseInput,
    @Inject(DeleteResponse) private readonly deletion: DeleteResponse,
  ) {}

  @AnswersCall(appendTurn)
  append(
    request: ParsedRequestOf<typeof appendTurn>,
    context: CallContext,
  ): Promise<ReplyOf<typeof appendTurn>> {
    return this.appending.execute(request, tenantOf(context));
  }

  @AnswersCall(loadHistory)
  load(
    request: ParsedRequestOf<typeof loadHistory>,
    context: CallContext,
  ): Promise<ReplyOf<typeof loadHistory>> {
    return this.history.execute(request, tenantOf(context));
  }

  @AnswersCall(getResponse)
  get(
    request: ParsedRequestOf<typeof getResponse>,
    context: CallContext,
  ): Promise<ReplyOf<typeof getResponse>> {
    return this.reading.execute(request, tenantOf(context));
  }

  @AnswersCall(listResponseInput)
  listInput(
    request: ParsedRequestOf<typeof listResponseInput>,
    context: CallContext,
  ): Promise<ReplyOf<typeof listResponseInput>> {
    return this.inputListing.execute(request, tenantOf(context));
  }

  @AnswersCall(deleteResponse)
  delete(
    request: ParsedRequestOf<typeof deleteResponse>,
    context: CallContext,
  ): Promise<ReplyOf<typeof deleteResponse>> {
    return this.deletion.execute(request, tenantOf(context));
  }
}
