import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { describe, expect, it, vi } from 'vitest';
import { OutageAwareExporter } from './outage-aware-exporter.js';

const SPANS = (count: number): ReadableSpan[] => Array.from({ length: count }, () => ({}) as ReadableSpan);
const SUCCESS: ExportResult = { code: ExportResultCode.SUCCESS };
const FAILURE: ExportResult = { code: ExportResultCode.FAILED, error: new Error('refused') };

type Answer = ExportResult | 'never';

function setup(answers: Answer[], timeoutMs = 10_000) {
  const log = { warn: vi.fn(), info: vi.fn() };
  const created: FakeExporter[] = [];
  const exporter = new OutageAwareExporter({
    name: 'jaeger',
    timeoutMs,
    log,
    create: () => {
      const inner = new FakeExporter(answers);
      created.push(inner);
      return inner;
    },
  });
  const send = async (count = 1): Promise<ExportResult> =>
    new Promise((resolve) => exporter.export(SPANS(count), resolve));
  return { exporter, send, log, created };
}

class FakeExporter implements SpanExporter {
  readonly answers: Answer[];
  readonly shutdown = vi.fn(async () => undefined);
  running = 0;
  mostRunning = 0;

  constructor(answers: Answer[]) {
    this.answers = answers;
  }

  export(_spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.running += 1;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    const answer = this.answers.shift() ?? SUCCESS;
    if (answer === 'never') return;
    setImmediate(() => {
      this.running -= 1;
      done(answer);
    });
  }
}

describe('OutageAwareExporter', () => {
  it('logs an outage when it begins and when it ends, with what was lost, however many exports fail', async () => {
    const { send, log } = setup([FAILURE, FAILURE, FAILURE, SUCCESS, FAILURE]);

    for (const count of [3, 4, 5, 6]) await send(count);

    expect(log.warn).toHaveBeenCalledTimes(1);
    expect(log.info).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ exporter: 'jaeger', droppedSpans: 12 }),
      'spans are delivered again',
    );

    await send();

    expect(log.warn).toHaveBeenCalledTimes(2);
  });

  it('sends one batch at a time', async () => {
    const { send, created } = setup([]);

    await Promise.all([send(), send(), send()]);

    expect(created).toHaveLength(1);
    expect(created[0]?.mostRunning).toBe(1);
  });

  it('throws away an exporter that hangs and goes on with a new one', async () => {
    const { send, created } = setup(['never', SUCCESS], 5);

    const hung = await send();
    const next = await send();

    expect(hung.code).toBe(ExportResultCode.FAILED);
    expect(created[0]?.shutdown).toHaveBeenCalledOnce();
    expect(next.code).toBe(ExportResultCode.SUCCESS);
    expect(created).toHaveLength(2);
  });

  it('takes one failure for an answer when the process is leaving', async () => {
    const { exporter, send, created } = setup([FAILURE]);
    exporter.prepareToLeave();

    await Promise.all([send(), send(), send()]);

    expect(created[0]?.mostRunning).toBe(1);
    expect(created[0]?.answers).toEqual([]);
  });

  it('can be told to give up at once', async () => {
    const { exporter, send } = setup(['never', 'never']);
    const results = [send(), send()];

    exporter.abandon();

    expect((await Promise.all(results)).map(({ code }) => code)).toEqual([1, 1]);
  });
});
