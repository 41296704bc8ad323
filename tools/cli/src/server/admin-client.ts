import { type Dispatcher, request } from 'undici';
import { z } from 'zod';
import { CliError, EXIT, type Exit } from './cli-error.js';
import type { Settings } from './settings.js';

export interface Sending {
  readonly body?: unknown;
  readonly bytes?: Uint8Array | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Longest time for the answer; loading and verifying a model takes its time. */
  readonly timeoutMs?: number | undefined;
}

const ErrorBody = z.object({ error: z.object({ message: z.string(), param: z.string().nullable() }) });

const TIMEOUT_MS = 120_000;
/** On top of what the server was asked for, so that its own answer comes first. */
const GRACE_MS = 5_000;

/** `/admin/…` of a gateway. Everything that goes wrong is a `CliError` that says what to do. */
export class AdminClient {
  constructor(private readonly settings: Settings) {}

  get url(): URL {
    return this.settings.url;
  }

  /** The JSON of the answer, checked as far as the caller needs it. */
  async json<Schema extends z.ZodType>(
    schema: Schema,
    method: Dispatcher.HttpMethod,
    path: string,
    sending: Sending = {},
  ): Promise<z.output<Schema>> {
    const text = await this.text(method, path, sending);
    const { data, error } = schema.safeParse(parse(text));
    if (error === undefined) return data;
    throw new CliError(`${this.url.origin} answered something else than Trivium would (${method} ${path}).`);
  }

  async text(method: Dispatcher.HttpMethod, path: string, sending: Sending = {}): Promise<string> {
    const { timeoutMs = TIMEOUT_MS } = sending;
    const { statusCode, headers, body } = await this.#send(method, path, sending, timeoutMs);
    const text = await body.text();
    if (statusCode >= 200 && statusCode < 300) return text;
    throw refusal(statusCode, text, headers['retry-after']);
  }

  async #send(
    method: Dispatcher.HttpMethod,
    path: string,
    { body, bytes, signal }: Sending,
    timeoutMs: number,
  ): Promise<Dispatcher.ResponseData> {
    const contentType = bytes === undefined ? 'application/json' : 'application/octet-stream';
    const payload = bytes ?? (body === undefined ? undefined : JSON.stringify(body));
    try {
      return await request(new URL(path, this.url), {
        method,
        headers: {
          authorization: `Bearer ${this.settings.apiKey}`,
          'x-request-timeout-ms': String(timeoutMs),
          ...(payload !== undefined && { 'content-type': contentType }),
        },
        headersTimeout: timeoutMs + GRACE_MS,
        bodyTimeout: timeoutMs + GRACE_MS,
        ...(payload !== undefined && { body: payload }),
        ...(signal && { signal }),
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw unreachable(this.url, error);
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no schema takes it
  }
}

function unreachable(url: URL, error: unknown): CliError {
  const { code, message } = error as { code?: string; message?: string };
  const hint =
    code === 'ECONNREFUSED' ? 'Is it running (npm start)? TRIVIUM_URL says where it is.' : (message ?? '');
  return new CliError(`No answer from ${url.origin} (${code ?? 'error'}). ${hint}`, EXIT.unreachable, {});
}

const EXIT_OF_STATUS: Readonly<Record<number, Exit>> = {
  400: EXIT.refused,
  401: EXIT.forbidden,
  403: EXIT.forbidden,
  404: EXIT.notFound,
  409: EXIT.refused,
  413: EXIT.refused,
};

function refusal(status: number, text: string, retryAfter: string | string[] | undefined): CliError {
  const { data } = ErrorBody.safeParse(parse(text));
  const message = data?.error.message ?? `The server answered HTTP ${status}.`;
  const hint = status === 401 ? ' The key comes from TRIVIUM_API_KEY or the .trivium folder.' : '';
  const passes = status === 429 || status >= 500;
  const seconds = Number(retryAfter ?? Number.NaN);
  return new CliError(
    message + hint,
    EXIT_OF_STATUS[status] ?? EXIT.failed,
    passes ? { afterMs: Number.isFinite(seconds) ? seconds * 1_000 : undefined } : undefined,
  );
}
