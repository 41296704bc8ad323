import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import type { extractInvoice } from '@trivium/contracts/ocr-certification';
import type { CallContext } from '@trivium/messaging';
import { inSpan } from '@trivium/telemetry';
import { invoiceExtracted, TRACER } from '../events.js';
import type { ReadDocument } from '../reading/read-document.js';
import { recognizeInvoice } from './recognize-invoice.js';

/** Reads the document, then looks for an invoice in what was read. */
export class ExtractInvoice {
  constructor(
    private readonly readDocument: Pick<ReadDocument, 'execute'>,
    private readonly now: () => Date,
  ) {}

  execute(
    request: ParsedRequestOf<typeof extractInvoice>,
    context: CallContext,
  ): Promise<ReplyOf<typeof extractInvoice>> {
    return inSpan(TRACER, 'extract_invoice', {}, async (span) => {
      const read = await this.readDocument.execute(request, context);
      const started = performance.now();
      const invoice = recognizeInvoice(read.pages, todayIn(this.now()));
      span.setAttributes({
        'trivium.invoice.found': invoice !== null,
        'trivium.invoice.items': invoice?.items.length ?? 0,
        ...(invoice === null ? {} : { 'trivium.invoice.verdict': invoice.verdict }),
      });
      invoiceExtracted({ invoice, durationMs: performance.now() - started, requestId: context.requestId });
      return { invoice, ...read };
    });
  }
}

const CALENDAR = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' });

/** `YYYY-MM-DD` where invoices are issued. */
export const todayIn = (now: Date): string => CALENDAR.format(now);
