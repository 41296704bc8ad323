import { Controller, Inject } from '@nestjs/common';
import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import { appendItems, getItem, listItems } from '@trivium/contracts/session';
import { AnswersCall, type CallContext } from '@trivium/messaging';
import { tenantOf } from '../database/tenant.js';
import { AppendItems } from './append-items.js';
import { GetItem } from './get-item.js';
import { ListItems } from './list-items.js';

@Controller()
export class ItemHandler {
  constructor(
    @Inject(AppendItems) private readonly appending: AppendItems,
    @Inject(GetItem) private readonly reading: GetItem,
    @Inject(ListItems) private readonly listing: ListItems,
  ) {}

  @AnswersCall(appendItems)
  append(
    request: ParsedRequestOf<typeof appendItems>,
    context: CallContext,
  ): Promise<ReplyOf<typeof appendItems>> {
    return this.appending.execute(request, tenantOf(context));
  }

  @AnswersCall(getItem)
  get(request: ParsedRequestOf<typeof getItem>, context: CallContext): Promise<ReplyOf<typeof getItem>> {
    return this.reading.execute(request, tenantOf(context));
  }

  @AnswersCall(listItems)
  list(request: ParsedRequestOf<typeof listItems>, context: CallContext): Promise<ReplyOf<typeof listItems>> {
    return this.listing.execute(request, tenantOf(context));
  }
}
