import { createRequire } from 'node:module';
import type { AttributeValue, CollectedSpan } from './collected-span.js';

const require = createRequire(import.meta.url);

interface ThriftTag {
  readonly key: string;
  readonly vType: 'STRING' | 'DOUBLE' | 'BOOL' | 'LONG' | 'BINARY';
  readonly vStr?: string;
  readonly vDouble?: number;
  readonly vBool?: boolean;
  readonly vLong?: Buffer;
  readonly vBinary?: Buffer;
}

interface ThriftSpan {
  readonly traceIdLow: Buffer;
  readonly traceIdHigh: Buffer;
  readonly spanId: Buffer;
  readonly parentSpanId: Buffer;
  readonly operationName: string;
  readonly references?: readonly { traceIdLow: Buffer; traceIdHigh: Buffer; spanId: Buffer }[];
  readonly startTime: Buffer;
  readonly duration: Buffer;
  readonly tags?: readonly ThriftTag[];
  readonly logs?: readonly { readonly fields: readonly ThriftTag[] }[];
}

interface ThriftBatch {
  readonly process: { readonly serviceName: string; readonly tags?: readonly ThriftTag[] };
  readonly spans: readonly ThriftSpan[];
}

interface BatchReader {
  readonly Batch: {
    readonly rw: { fromBuffer(bytes: Buffer): { readonly err?: Error; readonly value?: ThriftBatch } };
  };
}

/** Built from the interface definition that the Jaeger client ships, by the Thrift library it uses. */
function createReader(): BatchReader {
  const { Thrift } = require('thriftrw') as { Thrift: new (options: object) => BatchReader };
  const { default: definitions } = require('jaeger-client/dist/src/thrift.js') as {
    default: { loadJaegerThriftDefinition(): string };
  };
  return new Thrift({ source: definitions.loadJaegerThriftDefinition(), allowOptionalArguments: true });
}

let reader: BatchReader | undefined;

/** Spans of one `POST /api/traces` body. */
export function decodeJaegerBatch(body: Buffer): readonly CollectedSpan[] {
  reader ??= createReader();
  const { err, value } = reader.Batch.rw.fromBuffer(body);
  if (value === undefined) throw err ?? new Error('not a Jaeger batch');
  return value.spans.map((span) => toCollected(value, span));
}

function toCollected(batch: ThriftBatch, span: ThriftSpan): CollectedSpan {
  const attributes = record(span.tags);
  const parentSpanId = span.parentSpanId.toString('hex');
  return {
    via: 'jaeger',
    service: batch.process.serviceName,
    name: span.operationName,
    kind: String(attributes['span.kind'] ?? 'internal'),
    traceId: span.traceIdHigh.toString('hex') + span.traceIdLow.toString('hex'),
    spanId: span.spanId.toString('hex'),
    parentSpanId: /^0*$/.test(parentSpanId) ? undefined : parentSpanId,
    startMicros: Number(span.startTime.readBigInt64BE()),
    durationMicros: Number(span.duration.readBigInt64BE()),
    failed: attributes['error'] === true,
    attributes,
    resource: record(batch.process.tags),
    events: (span.logs ?? []).map(({ fields }) => String(record(fields)['event'] ?? '')),
    links: (span.references ?? []).map((link) => ({
      traceId: link.traceIdHigh.toString('hex') + link.traceIdLow.toString('hex'),
      spanId: link.spanId.toString('hex'),
    })),
  };
}

function record(tags: readonly ThriftTag[] = []): Record<string, AttributeValue> {
  return Object.fromEntries(tags.map((tag) => [tag.key, valueOf(tag)]));
}

function valueOf(tag: ThriftTag): AttributeValue {
  switch (tag.vType) {
    case 'STRING':
      return tag.vStr ?? '';
    case 'DOUBLE':
      return tag.vDouble ?? 0;
    case 'BOOL':
      return tag.vBool ?? false;
    case 'LONG':
      return Number(tag.vLong?.readBigInt64BE() ?? 0n);
    case 'BINARY':
      return tag.vBinary?.toString('hex') ?? '';
  }
}
