import {
  type Context,
  context,
  propagation,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  type Span,
  type SpanKind,
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

interface Described {
  readonly subject: string;
  readonly requestId: string;
}

/** Attributes are for those who look: a span that nobody records gets none. */
function describe(
  span: Span,
  operation: 'send' | 'process',
  { subject, requestId }: Described,
  group?: string,
): void {
  if (!span.isRecording()) return;
  span.setAttributes({
    'messaging.system': 'nats',
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
    'messaging.destination.name': subject,
    'messaging.message.conversation_id': requestId,
    ...(group === undefined ? {} : { 'messaging.consumer.group.name': group }),
  });
}

/** The span of the sending side: until the answer, or the end of the stream. */
export function startSend(
  message: Described,
  kind: SpanKind.CLIENT | SpanKind.PRODUCER,
): TracedOperation | undefined {
  if (!isTracing()) return undefined;
  const parent = context.active();
  const span = trace.getTracer(SCOPE).startSpan(`send ${message.subject}`, { kind }, parent);
  describe(span, 'send', message);
  const traced = trace.setSpan(parent, span);
  const carrier: Record<string, string> = {};
  propagation.inject(traced, carrier);
  return { span, context: traced, carrier };
}

/** The span of the handling side, child of the sender's; `group` is who shares the work. */
export function startProcess(
  message: Described & { readonly group: string },
  kind: SpanKind.SERVER | SpanKind.CONSUMER,
  carrier: Readonly<Record<string, string>> | undefined,
): TracedOperation | undefined {
  if (!isTracing()) return undefined;
  const parent = propagation.extract(ROOT_CONTEXT, carrier ?? {});
  const span = trace.getTracer(SCOPE).startSpan(`process ${message.subject}`, { kind }, parent);
  describe(span, 'process', message, message.group);
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
