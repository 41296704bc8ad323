import { metrics } from '@opentelemetry/api';
import type { ErrorCode } from '@trivium/contracts';
import type { Certificate } from '@trivium/contracts/certificates';
import type { Invoice } from '@trivium/contracts/invoice';
import { createLogger } from '@trivium/telemetry';

export const TRACER = 'trivium.ocr-certification';

const log = createLogger('ocr-certification');
const meter = metrics.getMeter(TRACER);

const read = meter.createCounter('document.read', { description: 'Documents by kind and outcome' });
const readDuration = meter.createHistogram('document.read.duration', {
  unit: 's',
  description: 'From the request to the last page',
  advice: { explicitBucketBoundaries: [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2] },
});
const pagesRead = meter.createCounter('document.pages', { unit: '{page}', description: 'Pages read' });
const unsearched = meter.createCounter('document.codes.unread', {
  description: 'Pictures that could not be searched for codes, by reason',
});
const extracted = meter.createCounter('invoice.extracted', {
  description: 'Documents examined for an invoice, by kind and verdict',
});
const extractDuration = meter.createHistogram('invoice.extract.duration', {
  unit: 's',
  description: 'Rules alone, once the text is read',
  advice: { explicitBucketBoundaries: [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256] },
});
const failedChecks = meter.createCounter('invoice.check.failed', { description: 'Failed checks by rule' });

const certificates = meter.createCounter('certificate.extracted', {
  description: 'Documents examined for a certificate, by kind and verdict',
});
const certificateDuration = meter.createHistogram('certificate.extract.duration', {
  unit: 's',
  description: 'From the request to the verdict, reading included',
  advice: { explicitBucketBoundaries: [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6] },
});
const certificateReasons = meter.createCounter('certificate.reason', {
  description: 'Reasons of verdicts other than PASS',
});

export type DocumentKind = 'image' | 'pdf' | 'ofd' | 'unknown';

export function documentRead(event: {
  readonly kind: DocumentKind;
  readonly pages: number;
  readonly lines: number;
  readonly durationMs: number;
  readonly requestId: string;
}): void {
  read.add(1, { kind: event.kind, outcome: 'ok' });
  readDuration.record(event.durationMs / 1000, { kind: event.kind });
  pagesRead.add(event.pages, { kind: event.kind });
  log.info(event, 'document read');
}

export function codesUnread(event: { readonly code: ErrorCode; readonly requestId: string }): void {
  unsearched.add(1, { code: event.code });
  log.debug(event, 'picture not searched for codes');
}

export function documentFailed(event: {
  readonly kind: DocumentKind;
  readonly code: ErrorCode | 'unknown';
  readonly durationMs: number;
  readonly requestId: string;
}): void {
  read.add(1, { kind: event.kind, outcome: event.code });
  log[event.code === 'cancelled' ? 'info' : 'warn'](event, 'document not read');
}

/** The kind of invoice comes from a closed list; nothing that stands on the document is logged. */
export function invoiceExtracted(event: {
  readonly invoice: Invoice | null;
  readonly durationMs: number;
  readonly requestId: string;
}): void {
  const { invoice, durationMs, requestId } = event;
  const kind = invoice?.documentType.kind ?? 'none';
  const verdict = invoice?.verdict ?? 'none';
  extracted.add(1, { kind, verdict });
  extractDuration.record(durationMs / 1000);
  const failures = invoice?.checks.filter(({ status }) => status === 'failed').map(({ id }) => id) ?? [];
  for (const check of failures) failedChecks.add(1, { check });
  const items = invoice?.items.length ?? 0;
  log.info({ kind, verdict, items, failures, durationMs, requestId }, 'invoice examined');
}

/** Kinds and reasons come from closed lists; nothing that stands on the document is logged. */
export function certificateExtracted(event: {
  readonly certificate: Certificate;
  readonly durationMs: number;
  readonly requestId: string;
}): void {
  const { certificate, durationMs, requestId } = event;
  const kind = certificate.kind.value ?? 'none';
  const { verdict, reasons } = certificate;
  certificates.add(1, { kind, verdict });
  certificateDuration.record(durationMs / 1000, { kind });
  for (const reason of reasons) certificateReasons.add(1, { reason });
  log.info({ kind, verdict, reasons, durationMs, requestId }, 'certificate examined');
}
