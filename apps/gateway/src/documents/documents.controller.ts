import { Controller, Inject } from '@nestjs/common';
import { extractInvoice, readDocument } from '@trivium/contracts/ocr-certification';
import { MESSAGING, type Messaging } from '@trivium/messaging';
import { type AnswerOf, endpoint, type InputOf } from '../http/endpoint.js';
import type { Exchange } from '../http/exchange.js';
import { Serves } from '../http/serves.js';
import { DocumentFields, DocumentReading, DocumentRequest, InvoiceExtraction } from './document-shape.js';
import { snakeCase } from './snake-case.js';
import { TakeDocument } from './take-document.js';

const place = { tag: 'Documents', access: 'key', method: 'POST' } as const;
const input = { body: DocumentRequest, form: { fields: DocumentFields } };

export const readText = endpoint({
  ...place,
  ...input,
  operationId: 'readDocument',
  path: '/v1/documents/ocr',
  summary:
    'Every line of text in a picture, PDF or OFD, with where it stands, its layout, codes and Markdown',
  reply: DocumentReading,
});

export const readInvoice = endpoint({
  ...place,
  ...input,
  operationId: 'extractInvoice',
  path: '/v1/documents/invoices',
  summary: 'The fields of an invoice, with positions, confidences and checks',
  reply: InvoiceExtraction,
});

@Controller()
export class DocumentsController {
  constructor(
    @Inject(TakeDocument) private readonly takeDocument: TakeDocument,
    @Inject(MESSAGING) private readonly messaging: Messaging,
  ) {}

  @Serves(readText)
  async read(request: InputOf<typeof readText>, exchange: Exchange): Promise<AnswerOf<typeof readText>> {
    const document = await this.takeDocument.execute(request, exchange);
    const reply = await this.messaging.call(
      readDocument,
      { ...document, layout: true },
      exchange.callOptions,
    );
    return { object: 'document.text', ...snakeCase(reply) };
  }

  @Serves(readInvoice)
  async invoice(
    request: InputOf<typeof readInvoice>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof readInvoice>> {
    const document = await this.takeDocument.execute(request, exchange);
    const reply = await this.messaging.call(extractInvoice, document, exchange.callOptions);
    return { object: 'document.invoice', ...snakeCase(reply) };
  }
}
