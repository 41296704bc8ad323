export type AttributeValue = string | number | boolean;

/** One span as it was sent, whatever the protocol. Ids are lower-case hexadecimal. */
export interface CollectedSpan {
  readonly via: 'jaeger' | 'otlp';
  readonly service: string;
  readonly name: string;
  /** `internal`, `server`, `client`, `producer` or `consumer`. */
  readonly kind: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly startMicros: number;
  readonly durationMicros: number;
  readonly failed: boolean;
  /** Of the span and, over Jaeger, of its resource too: that exporter sends them as one list. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly resource: Readonly<Record<string, AttributeValue>>;
  readonly events: readonly string[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
}

/** The span and its ancestors as far as they were collected, youngest first. */
export function ancestry(spans: readonly CollectedSpan[], span: CollectedSpan): readonly CollectedSpan[] {
  const chain = [span];
  for (;;) {
    const youngest = chain.at(-1);
    const parent = spans.find(
      ({ traceId, spanId }) => traceId === youngest?.traceId && spanId === youngest.parentSpanId,
    );
    if (parent === undefined || chain.includes(parent)) return chain;
    chain.push(parent);
  }
}
