import { Controller, Inject } from '@nestjs/common';
import { extractCertificate, readEvidenceKey } from '@trivium/contracts/certificates';
import { MESSAGING, type Messaging } from '@trivium/messaging';
import { type AnswerOf, endpoint, type InputOf } from '../http/endpoint.js';
import type { Exchange } from '../http/exchange.js';
import { Serves } from '../http/serves.js';
import {
  CertificateExtraction,
  CertificateFormFields,
  CertificateRequest,
  EvidenceKey,
} from './certificate-shape.js';
import { snakeCase } from './snake-case.js';
import { TakeDocument } from './take-document.js';

const place = { tag: 'Documents', access: 'key' } as const;

export const readCertificate = endpoint({
  ...place,
  method: 'POST',
  body: CertificateRequest,
  form: { fields: CertificateFormFields },
  operationId: 'extractCertificate',
  path: '/v1/documents/certificates',
  summary: 'The fields of a certificate or identity document, its checks, and a verdict with signed evidence',
  reply: CertificateExtraction,
});

export const readKey = endpoint({
  ...place,
  method: 'GET',
  operationId: 'readEvidenceKey',
  path: '/v1/evidence/key',
  summary: 'The public key that evidence is signed with',
  reply: EvidenceKey,
});

@Controller()
export class CertificatesController {
  constructor(
    @Inject(TakeDocument) private readonly takeDocument: TakeDocument,
    @Inject(MESSAGING) private readonly messaging: Messaging,
  ) {}

  @Serves(readCertificate)
  async certificate(
    request: InputOf<typeof readCertificate>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof readCertificate>> {
    const document = await this.takeDocument.execute(request, exchange);
    const portrait = await this.takeDocument.portrait(request.body ?? request.form?.fields ?? {}, exchange);
    const asked = { ...document, ...(portrait && { portrait }) };
    const reply = await this.messaging.call(extractCertificate, asked, exchange.callOptions);
    return { object: 'document.certificate', ...snakeCase(reply) };
  }

  @Serves(readKey)
  async key(_request: InputOf<typeof readKey>, exchange: Exchange): Promise<AnswerOf<typeof readKey>> {
    const reply = await this.messaging.call(readEvidenceKey, {}, exchange.callOptions);
    return { object: 'evidence.key', ...snakeCase(reply) };
  }
}
