import {
  type Attributes,
  type Context,
  context,
  propagation,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { DomainError } from '@trivium/contracts';

const SCOPE = 'trivium.messaging';

export interface TracedOperation {
  readonly span: Span;
  readonly context: Context;
  /** What carries the trace to the other side. */
  readonly carrier: Readonly<Record<string, string>>;
}

/** Without a tracing SDK nothing is allocated. */
function isTracing(): boolean {
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer(SCOPE) !== undefined;
}

function attributesOf(
  subject: string,
  operation: { name: string; type: string },
  requestId: string,
): Attributes {
  return {
    'messaging.system': 'nats',
    'messaging.operation.name': operation.name,
    'messaging.operation.type': operation.type,
    'messaging.destination.name': subject,
    'messaging.message.conversation_id': requestId,
  };
}

/** The span of the sending side: until the answer, or the end of the stream. */
export function startSend(
  subject: string,
  requestId: string,
  kind: SpanKind.CLIENT | SpanKind.PRODUCER,
): TracedOperation | undefined {
  if (!isTracing()) return undefined;
  const parent = context.active();
  const attributes = attributesOf(subject, { name: 'send', type: 'send' }, requestId);
  const span = trace.getTracer(SCOPE).startSpan(`send ${subject}`, { kind, attributes }, parent);
  const traced = trace.setSpan(parent, span);
  const carrier: Record<string, string> = {};
  propagation.inject(traced, carrier);
  return { span, context: traced, carrier };
}

/** The span of the handling side, child of the sender's. */
export function startProcess(
  subject: string,
  requestId: string,
  kind: SpanKind.SERVER | SpanKind.CONSUMER,
  group: string,
  carrier: Readonly<Record<string, string>> | undefined,
): TracedOperation | undefined {
  if (!isTracing()) return undefined;
  const parent = propagation.extract(ROOT_CONTEXT, carrier ?? {});
  const attributes = {
    ...attributesOf(subject, { name: 'process', type: 'process' }, requestId),
    'messaging.consumer.group.name': group,
  };
  const span = trace.getTracer(SCOPE).startSpan(`process ${subject}`, { kind, attributes }, parent);
  return { span, context: trace.setSpan(parent, span), carrier: {} };
}

export function endSpan(operation: TracedOperation | undefined, error?: DomainError): void {
  if (operation === undefined) return;
  if (error !== undefined) {
    operation.span.setAttribute('error.type', error.code);
    operation.span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
  }
  operation.span.end();
}

/** Runs in the operation's context, so that spans started inside become its children. */
export function within<T>(operation: TracedOperation | undefined, run: () => T): T {
  return operation === undefined ? run() : context.with(operation.context, run);
}
