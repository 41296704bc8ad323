import { context, type Span, SpanKind, trace } from '@opentelemetry/api';
import { extractTrace, failSpan } from '@trivium/telemetry';
import type { Program } from '../program/program.js';
import type { TracedTask } from './protocol.js';

const TRACER = 'trivium.onnx';

/** Runs a batch inside one span for each caller who shares it: every trace shows the work done for it. */
export async function inTaskSpans(
  program: Program<unknown, unknown>,
  tasks: readonly TracedTask[],
): Promise<readonly unknown[]> {
  const spans = startSpans(program, tasks);
  const [first] = spans;
  const active = first === undefined ? context.active() : trace.setSpan(context.active(), first);
  try {
    return await context.with(active, () => program.run(tasks.map(({ task }) => task)));
  } catch (error) {
    for (const span of spans) failSpan(span, error);
    throw error;
  } finally {
    for (const span of spans) span.end();
  }
}

function startSpans(program: Program<unknown, unknown>, tasks: readonly TracedTask[]): Span[] {
  const callers = new Map<string, TracedTask[]>();
  for (const traced of tasks) {
    const parent = traced.trace['traceparent'] ?? '';
    const own = callers.get(parent);
    if (own === undefined) callers.set(parent, [traced]);
    else own.push(traced);
  }
  return [...callers.values()].flatMap((own) => {
    const [head] = own;
    if (head === undefined) return [];
    const parent = extractTrace((key) => head.trace[key], context.active());
    const attributes = { 'trivium.batch.size': tasks.length, 'trivium.batch.own': own.length };
    const name = program.operationOf(head.task);
    return [trace.getTracer(TRACER).startSpan(name, { kind: SpanKind.INTERNAL, attributes }, parent)];
  });
}
