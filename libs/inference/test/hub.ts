import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface HubRequest {
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

/** Answers instead of the file; returning false lets the file be answered. */
type Interference = (request: IncomingMessage, response: ServerResponse, file: Buffer) => boolean;

/**
 * A server that answers as a model hub does: files by path, ranges under an ETag, what a test makes it
 * do wrong, and a record of what it was asked.
 */
export class TestHub implements AsyncDisposable {
  readonly files = new Map<string, Buffer>();
  readonly requests: HubRequest[] = [];
  /** Used up one by one, each by one GET. */
  readonly interferences: Interference[] = [];
  /** For HEAD too. */
  redirect: ((path: string) => string | undefined) | undefined;
  /** What the hub says of the file it redirects to. */
  linked: { readonly sha256: string; readonly bytes: number } | undefined;
  ranges = true;
  etags = true;
  readonly #server: Server;
  readonly #scheme: string;

  constructor(tls?: { readonly key: string; readonly cert: string }) {
    const listener = (request: IncomingMessage, response: ServerResponse) => this.#answer(request, response);
    this.#server = tls ? createSecureServer(tls, listener) : createServer(listener);
    this.#scheme = tls ? 'https' : 'http';
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  gets(): HubRequest[] {
    return this.requests.filter(({ method }) => method === 'GET');
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = new URL(request.url ?? '/', 'http://hub').pathname;
    const { method = '', headers } = request;
    this.requests.push({ method, path, range: headers.range, authorization: headers.authorization });
    const location = this.redirect?.(path);
    if (location !== undefined) {
      const facts = this.linked && {
        'x-linked-etag': `"${this.linked.sha256}"`,
        'x-linked-size': this.linked.bytes,
      };
      return void response.writeHead(302, { location, ...facts }).end('Found');
    }
    const file = this.files.get(path);
    if (file === undefined) return void response.writeHead(404).end('Entry not found');
    if (method === 'GET' && this.interferences.shift()?.(request, response, file)) return;
    this.#serve(request, response, file);
  }

  #serve({ method, headers }: IncomingMessage, response: ServerResponse, file: Buffer): void {
    const etag = etagOf(file);
    if (this.etags) response.setHeader('etag', etag);
    const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? Number.NaN);
    const asked = this.ranges && Number.isInteger(from);
    if (asked && (headers['if-range'] === undefined || headers['if-range'] === etag)) {
      if (from >= file.length) {
        return void response.writeHead(416, { 'content-range': `bytes */${file.length}` }).end();
      }
      const part = file.subarray(from);
      response.writeHead(206, {
        'content-length': part.length,
        'content-range': `bytes ${from}-${file.length - 1}/${file.length}`,
      });
      return void response.end(part);
    }
    response.writeHead(200, { 'content-length': file.length });
    response.end(method === 'HEAD' ? undefined : file);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export function etagOf(file: Buffer): string {
  return `"${createHash('md5').update(file).digest('hex')}"`;
}

/** Sends so many bytes of the file and cuts the connection. */
export function cutAfter(bytes: number): Interference {
  return (_request, response, file) => {
    response.writeHead(200, { 'content-length': file.length, etag: etagOf(file) });
    response.write(file.subarray(0, bytes), () => response.socket?.end());
    return true;
  };
}

export function answering(status: number, headers: Record<string, string> = {}): Interference {
  return (_request, response) => {
    response.writeHead(status, headers).end('{"error":"not now"}');
    return true;
  };
}
