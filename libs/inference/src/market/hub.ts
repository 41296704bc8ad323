import { DomainError } from '@trivium/contracts';
import { type Dispatcher, request } from 'undici';

export interface HubOptions {
  /** `https://huggingface.co`, or whoever speaks like it. */
  readonly url: string;
  /** Shown to the hub's own origin and to nobody it redirects to. */
  readonly token?: string | undefined;
  /** Connections; undici's own when absent. */
  readonly dispatcher?: Dispatcher | undefined;
  readonly maxRedirects?: number | undefined;
  /** Longest silence, before the answer's head and within its body. */
  readonly stallTimeoutMs?: number | undefined;
}

export interface HubAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Dispatcher.ResponseData['body'];
  /** What the hub itself said of the file before it redirected to where the bytes are. */
  readonly linked: { readonly sha256?: string | undefined; readonly bytes?: number | undefined };
}

const MAX_REDIRECTS = 5;
const STALL_TIMEOUT_MS = 30_000;

/** Requests at a model hub: redirects followed to https or the same origin, a few of them; the token stays home. */
export class Hub {
  readonly url: string;
  readonly #origin: string;
  readonly #options: HubOptions;

  constructor(options: HubOptions) {
    this.url = options.url;
    this.#origin = new URL(options.url).origin;
    this.#options = options;
  }

  /** Rejects with `upstream_error` for redirects that are not followed; network failures come as they are. */
  async ask(
    method: 'GET' | 'HEAD',
    url: URL,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<HubAnswer> {
    const { maxRedirects = MAX_REDIRECTS } = this.#options;
    let linked: HubAnswer['linked'] = {};
    let at = url;
    for (let hops = 0; hops <= maxRedirects; hops += 1) {
      const answer = await this.#send(method, at, headers, signal);
      if (at.origin === this.#origin) linked = { ...linked, ...linkedFacts(answer.headers) };
      const location = answer.status >= 300 && answer.status < 400 ? answer.headers['location'] : undefined;
      if (location === undefined) return { ...answer, linked };
      await answer.body.dump();
      at = this.#follow(at, location);
    }
    throw new DomainError('upstream_error', `${this.#origin} redirects more than ${maxRedirects} times.`, {
      retryable: false,
    });
  }

  async #send(
    method: 'GET' | 'HEAD',
    url: URL,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Omit<HubAnswer, 'linked'>> {
    const { token, dispatcher, stallTimeoutMs = STALL_TIMEOUT_MS } = this.#options;
    const answer = await request(url, {
      method,
      signal,
      headersTimeout: stallTimeoutMs,
      bodyTimeout: stallTimeoutMs,
      ...(dispatcher && { dispatcher }),
      headers: {
        'user-agent': 'trivium',
        // Ranges and lengths count the bytes of the file, not of a packed copy.
        'accept-encoding': 'identity',
        ...headers,
        ...(token !== undefined && url.origin === this.#origin && { authorization: `Bearer ${token}` }),
      },
    });
    const flat = Object.entries(answer.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? (value[0] ?? '') : value] as const],
    );
    return { status: answer.statusCode, headers: Object.fromEntries(flat), body: answer.body };
  }

  #follow(from: URL, location: string): URL {
    const to = URL.parse(location, from.href);
    if (to !== null && (to.protocol === 'https:' || to.origin === from.origin)) return to;
    throw new DomainError(
      'upstream_error',
      `${from.origin} redirects to ${to?.origin ?? 'an address that is none'}, which is not https; it is not followed.`,
      { retryable: false },
    );
  }
}

function linkedFacts(headers: HubAnswer['headers']): HubAnswer['linked'] {
  const sha256 = /^"?([0-9a-f]{64})"?$/.exec(headers['x-linked-etag'] ?? '')?.[1];
  const bytes = Number(headers['x-linked-size'] ?? Number.NaN);
  return {
    ...(sha256 !== undefined && { sha256 }),
    ...(Number.isSafeInteger(bytes) && bytes > 0 && { bytes }),
  };
}
