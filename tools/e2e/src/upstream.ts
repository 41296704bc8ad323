import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';

export interface Upstream extends AsyncDisposable {
  readonly url: string;
  /** Bodies of the chat requests so far. */
  readonly requests: readonly UpstreamRequest[];
  /** Resolves when a client went away before its answer was finished. */
  readonly abandoned: Promise<void>;
}

export interface UpstreamRequest {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
}

/** An OpenAI-compatible language model server for tests: it says the given words, one a chunk. */
export async function startUpstream(words: readonly string[], pause: () => Promise<void>): Promise<Upstream> {
  const requests: UpstreamRequest[] = [];
  let tellAbandoned: () => void = () => undefined;
  const abandoned = new Promise<void>((resolve) => (tellAbandoned = resolve));
  const server = createServer((request, response) => {
    void answer(request, response, requests, words, pause).catch(() => response.destroy());
    response.once('close', () => {
      if (!response.writableEnded) tellAbandoned();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No TCP address was bound');
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    requests,
    abandoned,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  requests: UpstreamRequest[],
  words: readonly string[],
  pause: () => Promise<void>,
): Promise<void> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const asked = JSON.parse(body) as UpstreamRequest;
  requests.push(asked);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (delta: object, finish: string | null): boolean =>
    response.write(
      `data: ${JSON.stringify({
        id: 'chatcmpl-1',
        object: 'chat.completion.chunk',
        created: 1,
        model: asked.model,
        choices: [{ index: 0, delta, finish_reason: finish }],
      })}\n\n`,
    );
  for (const word of words) {
    if (response.destroyed) return;
    send({ content: word }, null);
    await pause();
  }
  send({}, 'stop');
  response.write(
    `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: asked.model, choices: [], usage: { prompt_tokens: 7, completion_tokens: words.length, total_tokens: 7 + words.length } })}\n\n`,
  );
  response.end('data: [DONE]\n\n');
}
