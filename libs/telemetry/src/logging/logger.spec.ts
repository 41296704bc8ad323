import { ROOT_CONTEXT, context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { afterEach, describe, expect, it } from 'vitest';
import { createLogTree } from './logger.js';

function capture() {
  const lines: Record<string, unknown>[] = [];
  const tree = createLogTree({
    write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
  });
  return { ...tree, lines };
}

afterEach(() => context.disable());

describe('loggers', () => {
  it('write one JSON line with name, level and redacted fields and text', () => {
    const { createLogger, lines } = capture();

    createLogger('gateway').warn({ authorization: 'Bearer abc', tenant: 't1' }, 'refused Bearer abcdefgh');

    expect(lines).toEqual([
      expect.objectContaining({
        level: 'warn',
        name: 'gateway',
        tenant: 't1',
        authorization: '[redacted]',
        msg: 'refused Bearer [redacted]',
      }),
    ]);
  });

  it('name the active trace and span', () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    const { createLogger, lines } = capture();
    const spanContext = {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: 1,
    };

    context.with(trace.setSpanContext(ROOT_CONTEXT, spanContext), () =>
      createLogger('router').info('inside'),
    );
    createLogger('router').info('outside');

    expect(lines[0]).toMatchObject({ trace_id: spanContext.traceId, span_id: spanContext.spanId });
    expect(lines[1]).not.toHaveProperty('trace_id');
  });

  it('change their level together, those made before and those made after', () => {
    const { createLogger, setLogLevel, lines } = capture();
    const early = createLogger('early');

    setLogLevel('error');
    const late = createLogger('late');
    early.info('too little');
    late.info('too little');
    early.error('enough');
    late.error('enough');

    expect(lines.map(({ name }) => name)).toEqual(['early', 'late']);
  });

  it('write errors with their cause', () => {
    const { createLogger, lines } = capture();

    createLogger('session').error(
      { err: new Error('append failed', { cause: new Error('no disk') }) },
      'lost',
    );

    expect(lines[0]?.['err']).toMatchObject({
      type: 'Error',
      message: 'append failed',
      cause: { message: 'no disk' },
    });
  });
});
