import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface UpstreamCall {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown>;
  /** Settles when the caller closed the connection before the answer was finished. */
  readonly left: Promise<void>;
}

type Answer = (response: ServerResponse, call: UpstreamCall) => Promise<void> | void;

/** A local server that speaks the upstream's protocol, one scripted answer after another. */
export class Upstream implements AsyncDisposable {
  readonly calls: UpstreamCall[] = [];
  #answers: Answer[] = [];

  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    readonly url: string,
  ) {}

  static async start(): Promise<Upstream> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const upstream = new Upstream(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
    server.on('request', (request, response) => void upstream.#answer(request, response));
    return upstream;
  }

  /** What it answers from now on, one after another; the last one serves for ever. */
  will(...answers: Answer[]): void {
    this.#answers = answers;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const left = new Promise<void>((resolve) => {
      response.once('close', () => {
        if (!response.writableFinished) resolve();
      });
    });
    const call = {
      path: request.url ?? '',
      headers: request.headers,
      body: JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>,
      left,
    };
    this.calls.push(call);
    const answer = this.#answers.length > 1 ? this.#answers.shift() : this.#answers[0];
    if (answer === undefined) throw new Error('no answer scripted');
    await answer(response, call);
  }
}

export function stream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
}

export const data = (chunk: unknown): string => `data: ${JSON.stringify(chunk)}\n\n`;
export const text = (content: string): string =>
  data({ id: 'c1', model: 'm', choices: [{ index: 0, delta: { content }, finish_reason: null }] });
export const role = (): string =>
  data({ id: 'c1', choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] });
export const finish = (reason = 'stop'): string =>
  data({ id: 'c1', choices: [{ index: 0, delta: {}, finish_reason: reason }] });
export const usage = (input: number, output: number): string =>
  data({ id: 'c1', choices: [], usage: { prompt_tokens: input, completion_tokens: output } });
export const DONE = 'data: [DONE]\n\n';

/** A whole answer at once. */
export const says =
  (...pieces: string[]): Answer =>
  (response) => {
    stream(response);
    response.end([role(), ...pieces.map(text), finish(), usage(3, pieces.length), DONE].join(''));
  };

export const refuses =
  (status: number, body: unknown = {}, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
