import { DomainError, type ParsedRequestOf, type ReplyOf } from '@trivium/contracts';
import type { Certificate, extractCertificate, FaceCheck } from '@trivium/contracts/certificates';
import type { ReadDocumentReply } from '@trivium/contracts/ocr-certification';
import { checkCertificate, judgeCertificate, type VerdictThresholds } from '@trivium/evidence/rules';
import type { Blobs, CallContext } from '@trivium/messaging';
import { inSpan } from '@trivium/telemetry';
import { certificateExtracted, TRACER } from '../events.js';
import type { IssueEvidence } from '../evidence/issue-evidence.js';
import { todayIn } from '../invoice/extract-invoice.js';
import type { ReadDocument } from '../reading/read-document.js';
import { judgeQuality, type QualityThresholds } from '../quality/judge-quality.js';
import type { PictureFigures } from '../quality/measure-picture.js';
import type { MeasureQuality } from '../quality/measure-quality.js';
import { type CheckFace, NO_PORTRAIT } from './check-face.js';
import type { DocumentBytes, DocumentPictures } from './document-pictures.js';
import { recognizeCertificate } from './recognize-certificate.js';

type Request = ParsedRequestOf<typeof extractCertificate>;
type Reply = ReplyOf<typeof extractCertificate>;

export interface CertificateThresholds {
  readonly verdict: VerdictThresholds;
  readonly quality: QualityThresholds;
}

export interface CertificateSteps {
  readonly readDocument: Pick<ReadDocument, 'execute'>;
  readonly pictures: Pick<DocumentPictures, 'fetch' | 'page'>;
  readonly measureQuality: Pick<MeasureQuality, 'execute'>;
  readonly checkFace: Pick<CheckFace, 'execute'>;
  readonly issueEvidence: Pick<IssueEvidence, 'execute'>;
  readonly blobs: Pick<Blobs, 'put' | 'delete'>;
}

/** What a picture says of itself, beside its text. */
interface Observed {
  readonly figures: PictureFigures;
  readonly face: FaceCheck;
}

/** Reads the document, measures its picture, compares faces where it can, checks, judges, and signs. */
export class ExtractCertificate {
  constructor(
    private readonly steps: CertificateSteps,
    private readonly thresholds: CertificateThresholds,
    private readonly now: () => Date,
  ) {}

  execute(request: Request, context: CallContext): Promise<Reply> {
    return inSpan(TRACER, 'extract_certificate', {}, async (span) => {
      const started = performance.now();
      const document = await this.steps.pictures.fetch(request.document, request.path, context);
      const [read, seen] = await this.#readAndLook(request, document, context);
      const now = this.now();
      const day = todayIn(now);
      const recognized = recognizeCertificate(read.pages, day);
      const { figures, face } = seen ?? (await this.#lookAtPage(request, document, recognized.page, context));
      const certificate = this.#judge(recognized, read, figures, face, day);
      span.setAttributes({
        'trivium.certificate.kind': certificate.kind.value ?? 'none',
        'trivium.certificate.verdict': certificate.verdict,
      });
      const { requestId } = context;
      certificateExtracted({ certificate, durationMs: performance.now() - started, requestId });
      const evidence = this.steps.issueEvidence.execute({ certificate, request, read, now, day });
      return { certificate, evidence, ...read };
    });
  }

  /** A picture is read and looked at side by side; a PDF has pictures only once its pages are known. */
  async #readAndLook(
    request: Request,
    { bytes, isPdf }: DocumentBytes,
    context: CallContext,
  ): Promise<[ReadDocumentReply, Observed | null]> {
    const reading = this.steps.readDocument.execute(request, context);
    if (isPdf) return [await reading, null];
    const looking = this.#look(request, bytes, context);
    const [read, looked] = await Promise.allSettled([reading, looking]);
    // the reader's refusal says more of the document than the failure to measure it
    if (read.status === 'rejected') throw read.reason;
    if (looked.status === 'rejected') throw looked.reason;
    return [read.value, looked.value];
  }

  async #lookAtPage(
    request: Request,
    { bytes }: DocumentBytes,
    page: number,
    context: CallContext,
  ): Promise<Observed> {
    const png = await this.steps.pictures.page(bytes, page, request.path, context);
    const image = await this.steps.blobs.put(png, 'image/png', { ttlMs: context.remaining() + 60_000 });
    try {
      return await this.#look({ ...request, document: image }, png, context);
    } finally {
      // @NOTE a store that does not answer now forgets the picture by itself when its lifetime is over
      await this.steps.blobs.delete(image).catch(() => undefined);
    }
  }

  async #look(request: Request, bytes: Uint8Array, context: CallContext): Promise<Observed> {
    const { document, path, portrait } = request;
    const [figures, face] = await Promise.all([
      this.steps.measureQuality.execute({ bytes, path }, context),
      portrait === undefined
        ? NO_PORTRAIT
        : this.steps.checkFace.execute(
            { image: document, path },
            { image: portrait.image, path: portrait.path },
            context,
          ),
    ]);
    return { figures, face };
  }

  #judge(
    { kind, page, fields }: ReturnType<typeof recognizeCertificate>,
    { pages }: ReadDocumentReply,
    figures: PictureFigures,
    face: FaceCheck,
    day: string,
  ): Certificate {
    const shown = pages.find((entry) => entry.page === page);
    if (shown === undefined) throw new DomainError('internal', 'The page that was judged is not there.');
    const findings = kind.value === null ? [] : checkCertificate(kind.value, fields, day);
    const quality = judgeQuality(figures, shown, this.thresholds.quality);
    const { outcome } = face;
    const judged = { kind: kind.value, fields, findings, measures: quality.measures, face: outcome };
    return {
      kind,
      page,
      fields,
      checks: findings.map(({ check }) => check),
      quality,
      face,
      ...judgeCertificate(judged, this.thresholds.verdict),
    };
  }
}
