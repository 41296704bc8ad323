import { Controller, Inject } from '@nestjs/common';
import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import { extractInvoice } from '@trivium/contracts/ocr-certification';
import { AnswersCall, type CallContext } from '@trivium/messaging';
import { ExtractInvoice } from './extract-invoice.js';

@Controller()
export class InvoiceHandler {
  constructor(@Inject(ExtractInvoice) private readonly extraction: ExtractInvoice) {}

  @AnswersCall(extractInvoice, { concurrency: 32, queue: 128 })
  extract(
    request: ParsedRequestOf<typeof extractInvoice>,
    context: CallContext,
  ): Promise<ReplyOf<typeof extractInvoice>> {
    return this.extraction.execute(request, context);
  }
}
