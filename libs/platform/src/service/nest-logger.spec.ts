import type { Logger } from '@trivium/telemetry';
import { describe, expect, it, vi } from 'vitest';
import { NestLogger } from './nest-logger.js';

function setup() {
  const calls = {
    trace: vi.fn(),
    debug: vi.fn(),
    info: vi.fn(),
    warn: vi.fn(),
    error: vi.fn(),
    fatal: vi.fn(),
  };
  return { calls, nest: new NestLogger(calls as unknown as Logger) };
}

describe('NestLogger', () => {
  it("takes Nest's start-up chatter as debug", () => {
    const { calls, nest } = setup();

    nest.log('EchoModule dependencies initialized', 'InstanceLoader');

    expect(calls.debug).toHaveBeenCalledExactlyOnceWith(
      { context: 'InstanceLoader' },
      'EchoModule dependencies initialized',
    );
    expect(calls.info).not.toHaveBeenCalled();
  });

  it('keeps the stack that Nest passes between message and context', () => {
    const { calls, nest } = setup();

    nest.error('failed', 'Error: failed\n  at x', 'ExceptionsHandler');

    expect(calls.error).toHaveBeenCalledExactlyOnceWith(
      { context: 'ExceptionsHandler', stack: 'Error: failed\n  at x' },
      'failed',
    );
  });

  it('passes errors and objects as fields', () => {
    const { calls, nest } = setup();
    const error = new Error('broken');

    nest.error(error);
    nest.warn({ retries: 3 });

    expect(calls.error).toHaveBeenCalledExactlyOnceWith({ err: error }, 'broken');
    expect(calls.warn).toHaveBeenCalledExactlyOnceWith({ detail: { retries: 3 } }, 'nest');
  });
});
