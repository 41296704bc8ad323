import { Controller, Inject } from '@nestjs/common';
import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import { extractCertificate, readEvidenceKey } from '@trivium/contracts/certificates';
import { AnswersCall, type CallContext } from '@trivium/messaging';
import { EVIDENCE_KEY, type EvidenceKey } from '../evidence/evidence-key.js';
import { ExtractCertificate } from './extract-certificate.js';

@Controller()
export class CertificateHandler {
  constructor(
    @Inject(ExtractCertificate) private readonly extraction: ExtractCertificate,
    @Inject(EVIDENCE_KEY) private readonly key: EvidenceKey,
  ) {}

  @AnswersCall(extractCertificate, { concurrency: 16, queue: 64 })
  extract(
    request: ParsedRequestOf<typeof extractCertificate>,
    context: CallContext,
  ): Promise<ReplyOf<typeof extractCertificate>> {
    return this.extraction.execute(request, context);
  }

  @AnswersCall(readEvidenceKey)
  readKey(): Promise<ReplyOf<typeof readEvidenceKey>> {
    const { keyId, publicKey, pem } = this.key;
    return Promise.resolve({ algorithm: 'Ed25519', keyId, publicKey, pem });
  }
}
