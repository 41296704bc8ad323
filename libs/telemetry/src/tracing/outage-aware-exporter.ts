import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';

export interface OutageLog {
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
}

export interface OutageAwareOptions {
  /** Names the destination in logs. */
  readonly name: string;
  readonly create: () => SpanExporter;
  readonly timeoutMs: number;
  readonly log: OutageLog;
}

/**
 * Keeps a collector's trouble away from the service: one export at a time, each bounded in time; an
 * exporter that hangs is thrown away with its sockets; an outage is logged when it begins and when
 * it ends, not per span. What could not be sent is dropped.
 */
export class OutageAwareExporter implements SpanExporter {
  readonly #options: OutageAwareOptions;
  readonly #abandoned = Promise.withResolvers<ExportResult>();
  #inner: SpanExporter | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #outage: { readonly since: number; dropped: number } | undefined;
  #lastChance = false;

  constructor(options: OutageAwareOptions) {
    this.#options = options;
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#tail = this.#tail.then(async () => {
      const result = await this.#send(spans);
      this.#note(result, spans.length);
      done(result);
    });
  }

  /** From here on one failure is enough: the process is leaving and must not wait for a collector that is down. */
  prepareToLeave(): void {
    this.#lastChance = true;
  }

  /** Gives up on everything that is still queued, at once. */
  abandon(): void {
    this.#abandoned.resolve(asFailure(new Error('abandoned')));
  }

  async forceFlush(): Promise<void> {
    await this.#tail;
  }

  async shutdown(): Promise<void> {
    await this.#tail;
    await this.#discard();
  }

  async #send(spans: ReadableSpan[]): Promise<ExportResult> {
    if (this.#lastChance && this.#outage !== undefined) return asFailure(new Error('the collector is down'));
    const inner = (this.#inner ??= this.#options.create());
    const sent = new Promise<ExportResult>((resolve) => inner.export(spans, resolve));
    const late = Promise.withResolvers<ExportResult>();
    const timer = setTimeout(() => {
      void this.#discard();
      late.resolve(asFailure(new Error(`no answer within ${this.#options.timeoutMs} ms`)));
    }, this.#options.timeoutMs);
    try {
      return await Promise.race([sent, late.promise, this.#abandoned.promise]);
    } catch (error) {
      return asFailure(error);
    } finally {
      clearTimeout(timer);
    }
  }

  async #discard(): Promise<void> {
    const inner = this.#inner;
    this.#inner = undefined;
    try {
      await inner?.shutdown();
    } catch {
      // what it could not flush was counted as dropped already
    }
  }

  #note(result: ExportResult, spans: number): void {
    const { name, log } = this.#options;
    if (result.code === ExportResultCode.SUCCESS) {
      if (this.#outage === undefined) return;
      const lastedS = Math.round((performance.now() - this.#outage.since) / 1000);
      log.info({ exporter: name, lastedS, droppedSpans: this.#outage.dropped }, 'spans are delivered again');
      this.#outage = undefined;
      return;
    }
    if (this.#outage === undefined) {
      this.#outage = { since: performance.now(), dropped: 0 };
      log.warn(
        { exporter: name, reason: result.error?.message },
        'spans cannot be delivered and are dropped',
      );
    }
    this.#outage.dropped += spans;
  }
}

function asFailure(error: unknown): ExportResult {
  return { code: ExportResultCode.FAILED, error: error instanceof Error ? error : new Error(String(error)) };
}
