import type { ParsedRequestOf } from '@trivium/contracts';
import type { Certificate, extractCertificate } from '@trivium/contracts/certificates';
import type { Evidence, EvidenceStatement } from '@trivium/contracts/evidence';
import type { ReadDocumentReply } from '@trivium/contracts/ocr-certification';
import { issueEvidence } from '@trivium/evidence';
import type { VerdictThresholds } from '@trivium/evidence/rules';
import { inputOf } from '../certificate/document-pictures.js';
import type { EvidenceKey } from './evidence-key.js';

export interface Decided {
  readonly certificate: Certificate;
  readonly request: ParsedRequestOf<typeof extractCertificate>;
  readonly read: ReadDocumentReply;
  readonly now: Date;
  readonly day: string;
}

/** Puts together what was decided, on what and by what, and signs it. */
export class IssueEvidence {
  constructor(
    private readonly key: EvidenceKey,
    private readonly thresholds: VerdictThresholds,
    private readonly productVersion: string,
  ) {}

  execute({ certificate, request, read, now, day }: Decided): Evidence {
    const { document, portrait } = request;
    return issueEvidence(
      {
        certificate,
        inputs: [
          inputOf('document', document),
          ...(portrait === undefined ? [] : [inputOf('portrait', portrait.image)]),
        ],
        models: modelsOf(read, certificate),
        thresholds: this.thresholds,
        productVersion: this.productVersion,
        issuedAt: now,
        day,
      },
      this.key.privateKey,
    );
  }
}

/** Every model once. The reader's executions name it and its variant, not its digest. */
function modelsOf({ execution }: ReadDocumentReply, { face }: Certificate): EvidenceStatement['models'] {
  const read = execution.map(({ model, variant, placement }) => ({
    id: model,
    variant,
    placement,
    sha256: null,
  }));
  const once = new Map(read.map((model) => [`${model.id} ${model.variant} ${model.placement}`, model]));
  const compared = face.comparison?.model;
  return [
    ...once.values(),
    ...(compared === undefined
      ? []
      : [{ id: compared.id, variant: 'fp32', placement: 'cpu', sha256: compared.sha256 }]),
  ];
}
