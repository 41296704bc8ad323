import { context } from '@opentelemetry/api';
import { DomainError } from '@trivium/contracts';
import type { GenerateRequest } from '@trivium/contracts/generate';
import { Admission } from '@trivium/serving';
import {
  BrokenCircuitError,
  circuitBreaker,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
} from 'cockatiel';
import { Agent, type Dispatcher, request as httpRequest } from 'undici';
import type { PlacementSettings } from '../catalogue/models-file.js';
import type { OpenedGeneration, RawPart, TextPlacementV1 } from '../catalogue/text-model.js';
import { breakerChanged } from '../events.js';
import { ChatChunks } from './chat-chunks.js';
import { chatRequest, type ImageReader, refuseUnsupported } from './chat-request.js';
import { ChatSpan } from './chat-span.js';
import { eventData } from './event-data.js';
import { connectionFault, faultOf } from './upstream-faults.js';
import { Watchdog } from './watchdog.js';

const FAILURES_TO_OPEN = 5;
const HALF_OPEN_AFTER_MS = 5_000;
/** About how long an answer holds its place. */
const RETRY_AFTER_MS = 1_000;
const MAX_ERROR_BYTES = 16 * 1024;

/** A model behind an OpenAI-compatible server. Its address comes from the operator's configuration alone. */
export class RemotePlacement implements TextPlacementV1 {
  readonly specification = 'text-placement/v1';
  // servers differ in what they take a schema for
  readonly enforcesStructure = false;
  readonly #agent: Agent;
  readonly #admission: Admission;
  readonly #breaker: CircuitBreakerPolicy;
  readonly #url: string;

  constructor(
    private readonly settings: PlacementSettings,
    private readonly readImage: ImageReader,
    breakAfter: { readonly failures?: number; readonly halfOpenMs?: number } = {},
  ) {
    this.#url = `${settings.url}/chat/completions`;
    this.#admission = new Admission('The model', settings.maxConcurrent, () => RETRY_AFTER_MS);
    this.#agent = new Agent({
      connections: settings.maxConcurrent,
      connect: { timeout: settings.connectTimeoutMs },
      maxHeaderSize: 32 * 1024,
      allowH2: false,
      // @NOTE time is watched here: undici's own timers would count a consumer that reads slowly as a dead upstream
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    this.#breaker = circuitBreaker(handleWhen(speaksAgainstPlacement), {
      halfOpenAfter: breakAfter.halfOpenMs ?? HALF_OPEN_AFTER_MS,
      breaker: new ConsecutiveBreaker(breakAfter.failures ?? FAILURES_TO_OPEN),
    });
    const identity = { placement: settings.name, model: settings.model };
    this.#breaker.onBreak(() => breakerChanged({ ...identity, state: 'open' }));
    this.#breaker.onHalfOpen(() => breakerChanged({ ...identity, state: 'half-open' }));
    this.#breaker.onReset(() => breakerChanged({ ...identity, state: 'closed' }));
  }

  get name(): string {
    return this.settings.name;
  }

  get contextWindow(): number | undefined {
    return this.settings.contextWindow;
  }

  isReady(): boolean {
    return this.#breaker.state !== CircuitState.Open;
  }

  async doOpen(request: GenerateRequest, signal: AbortSignal): Promise<OpenedGeneration> {
    refuseUnsupported(request, this.settings);
    const body = JSON.stringify(await chatRequest(request, this.settings, this.readImage));
    // @NOTE one request probes a half-open breaker; others would wait for it, and a fallback is quicker
    if (this.#breaker.state === CircuitState.HalfOpen) throw broken();
    const rest = this.#generate(request, body, signal);
    try {
      const first = await this.#breaker.execute(() => rest.next());
      if (first.done) throw new DomainError('upstream_error', 'The upstream sent nothing.');
      return { first: first.value, rest };
    } catch (error) {
      throw error instanceof BrokenCircuitError ? broken() : error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }

  async *#generate(
    request: GenerateRequest,
    body: string,
    signal: AbortSignal,
  ): AsyncGenerator<RawPart, void, undefined> {
    using _permit = this.#admission.enter();
    using span = new ChatSpan(this.settings, request);
    using watchdog = new Watchdog();
    const chunks = new ChatChunks({ logprobs: request.sampling.topLogprobs !== undefined });
    let started = false;
    try {
      watchdog.expect('no first token', this.settings.firstTokenTimeoutMs);
      const response = await context.with(span.context, () =>
        this.#post(body, AbortSignal.any([signal, watchdog.signal])),
      );
      for await (const data of eventData(this.#watched(response.body, chunks, watchdog))) {
        const parts = chunks.read(data);
        if (chunks.alive) watchdog.arrived();
        for (const part of parts) {
          started = true;
          span.part(part);
          yield part;
        }
        if (chunks.done) break;
      }
      span.answered(chunks);
      const end = chunks.end();
      span.part(end);
      yield end;
    } catch (error) {
      const fault = this.#faultOf(error, signal, watchdog, started);
      span.failed(fault);
      throw fault;
    }
  }

  /** The body chunk by chunk, with a limit on each wait; time the consumer takes does not count. */
  async *#watched(
    body: Dispatcher.ResponseData['body'],
    chunks: ChatChunks,
    watchdog: Watchdog,
  ): AsyncGenerator<Uint8Array, void> {
    const iterator = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    try {
      for (;;) {
        if (chunks.alive) watchdog.expect('nothing more', this.settings.idleTimeoutMs);
        const { done, value } = await iterator.next();
        if (chunks.alive) watchdog.arrived();
        if (done) return;
        yield value;
      }
    } catch (error) {
      // the answer had ended; only the closing of the stream went wrong
      if (!chunks.complete) throw error;
    } finally {
      body.destroy();
    }
  }

  async #post(body: string, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { apiKey, headers } = this.settings;
    const response = await httpRequest(this.#url, {
      dispatcher: this.#agent,
      method: 'POST',
      headers: {
        accept: 'text/event-stream',
        'content-type': 'application/json',
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
        ...headers,
      },
      body,
      signal,
    });
    // @NOTE whoever reads the body sees its errors; without a listener a body that is destroyed unread ends the process
    response.body.on('error', () => undefined);
    if (response.statusCode !== 200) throw faultOf(await answerOf(response));
    if (!String(response.headers['content-type']).toLowerCase().startsWith('text/event-stream')) {
      response.body.destroy();
      throw new DomainError('upstream_error', 'The upstream did not answer with a stream.', {
        retryable: false,
      });
    }
    return response;
  }

  #faultOf(error: unknown, signal: AbortSignal, watchdog: Watchdog, started: boolean): DomainError {
    if (signal.aborted) {
      return DomainError.is(signal.reason) ? signal.reason : new DomainError('cancelled', 'The caller left.');
    }
    return watchdog.fault ?? (DomainError.is(error) ? error : connectionFault(error, started));
  }
}

/** Whether a failure says something about the placement rather than about this request. */
function speaksAgainstPlacement(error: unknown): boolean {
  if (!DomainError.is(error)) return false;
  return (
    error.code === 'unavailable' ||
    error.code === 'deadline_exceeded' ||
    (error.code === 'upstream_error' && error.retryable)
  );
}

function broken(): DomainError {
  return new DomainError('unavailable', 'The upstream of this model failed repeatedly and is given a rest.', {
    retryAfterMs: HALF_OPEN_AFTER_MS,
  });
}

async function answerOf(response: Dispatcher.ResponseData): Promise<Parameters<typeof faultOf>[0]> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size >= MAX_ERROR_BYTES) break;
  }
  const body = Buffer.concat(chunks).subarray(0, MAX_ERROR_BYTES).toString('utf8');
  return { status: response.statusCode, headers: response.headers, body };
}
