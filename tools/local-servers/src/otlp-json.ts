import type { AttributeValue, CollectedSpan } from './collected-span.js';

interface OtlpValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string | number;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values?: readonly OtlpValue[] };
}

interface OtlpAttribute {
  readonly key: string;
  readonly value: OtlpValue;
}

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly OtlpAttribute[];
  readonly events?: readonly { readonly name: string }[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status?: { readonly code?: number };
}

interface OtlpTraces {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly OtlpAttribute[] };
    readonly scopeSpans?: readonly { readonly spans?: readonly OtlpSpan[] }[];
  }[];
}

/** By number, as the protocol defines them. */
const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const STATUS_ERROR = 2;

/** Spans of one `POST /v1/traces` body in JSON. */
export function decodeOtlpTraces(body: Buffer): readonly CollectedSpan[] {
  const { resourceSpans = [] } = JSON.parse(body.toString('utf8')) as OtlpTraces;
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) => {
    const attributes = record(resource?.attributes);
    return scopeSpans.flatMap(({ spans = [] }) => spans.map((span) => toCollected(attributes, span)));
  });
}

function toCollected(resource: Record<string, AttributeValue>, span: OtlpSpan): CollectedSpan {
  const start = BigInt(span.startTimeUnixNano);
  return {
    via: 'otlp',
    service: String(resource['service.name'] ?? ''),
    name: span.name,
    kind: KINDS[span.kind] ?? 'unspecified',
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId || undefined,
    startMicros: Number(start / 1000n),
    durationMicros: Number((BigInt(span.endTimeUnixNano) - start) / 1000n),
    failed: span.status?.code === STATUS_ERROR,
    attributes: record(span.attributes),
    resource,
    events: (span.events ?? []).map(({ name }) => name),
    links: (span.links ?? []).map(({ traceId, spanId }) => ({ traceId, spanId })),
  };
}

function record(attributes: readonly OtlpAttribute[] = []): Record<string, AttributeValue> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, valueOf(value)]));
}

function valueOf(value: OtlpValue): AttributeValue {
  if (value.intValue !== undefined) return Number(value.intValue);
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(valueOf).join(',');
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? '';
}
