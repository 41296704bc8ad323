import { DomainError } from '@trivium/contracts';
import { GenerateRequest } from '@trivium/contracts/generate';
import { freePort } from '@trivium/local-servers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseModelsFile, type PlacementSettings } from '../src/catalogue/models-file.js';
import type { RawPart } from '../src/catalogue/text-model.js';
import { RemotePlacement } from '../src/remote/remote-placement.js';
import { DONE, data, finish, refuses, role, says, stream, text, Upstream, usage } from './upstream.js';

const request = (
  overrides: Partial<Parameters<typeof GenerateRequest.parse>[0] & object> = {},
): GenerateRequest =>
  GenerateRequest.parse({
    messages: [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }],
    ...overrides,
  });

describe('RemotePlacement', () => {
  let upstream: Upstream;
  const placements: RemotePlacement[] = [];

  beforeEach(async () => {
    upstream = await Upstream.start();
  });

  afterEach(async () => {
    await Promise.all(placements.splice(0).map((placement) => placement[Symbol.asyncDispose]()));
    await upstream[Symbol.asyncDispose]();
  });

  function place(
    overrides: Partial<PlacementSettings> = {},
    breakAfter?: ConstructorParameters<typeof RemotePlacement>[2],
  ): RemotePlacement {
    const [model] = parseModelsFile(
      `models: [{ id: m, placements: [{ url: '${upstream.url}' }] }]`,
      'text.yaml',
      {},
    );
    const settings = model?.placements[0];
    if (settings === undefined) throw new Error('no placement');
    const placement = new RemotePlacement(
      { ...settings, ...overrides },
      async (image) => `data:${image.mediaType};base64,AAEC`,
      breakAfter,
    );
    placements.push(placement);
    return placement;
  }

  async function collect(
    placement: RemotePlacement,
    what = request(),
    signal: AbortSignal = new AbortController().signal,
  ): Promise<RawPart[]> {
    const { first, rest } = await placement.doOpen(what, signal);
    const parts = [first];
    for await (const part of rest) parts.push(part);
    return parts;
  }

  const said = (parts: readonly RawPart[]): string =>
    parts.map((part) => (part.type === 'text' ? part.text : '')).join('');

  const failure = async (work: Promise<unknown>): Promise<DomainError> => {
    const error: unknown = await work.then(
      () => new Error('it succeeded'),
      (reason: unknown) => reason,
    );
    if (!DomainError.is(error)) throw error;
    return error;
  };

  it('asks for a stream with usage and reads text, end and usage', async () => {
    upstream.will(says('你好', '，世界'));

    const parts = await collect(place({ apiKey: 'secret-key', headers: { 'x-team': 'docs' } }));

    expect(said(parts)).toBe('你好，世界');
    expect(parts.at(-1)).toEqual({ type: 'end', reason: 'stop', usage: { inputTokens: 3, outputTokens: 2 } });
    expect(upstream.calls[0]).toMatchObject({
      path: '/v1/chat/completions',
      headers: { authorization: 'Bearer secret-key', 'x-team': 'docs' },
      body: {
        model: 'm',
        stream: true,
        stream_options: { include_usage: true },
        messages: [{ role: 'user', content: 'hello' }],
      },
    });
  });

  it('reads characters whole however the bytes are cut', async () => {
    const content = '价税合计：壹仟贰佰叁拾肆元整 😀 €';
    const bytes = Buffer.from([role(), text(content), finish(), DONE].join(''));
    upstream.will(async (response) => {
      stream(response);
      for (const byte of bytes) {
        if (!response.write(Buffer.of(byte))) await new Promise((resolve) => response.once('drain', resolve));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    });

    expect(said(await collect(place()))).toBe(content);
  });

  it('passes tool calls on piece by piece', async () => {
    const call = (delta: unknown): string =>
      data({ choices: [{ index: 0, delta: { tool_calls: [delta] } }] });
    upstream.will((response) => {
      stream(response);
      response.write(
        call({ index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } }),
      );
      response.write(call({ index: 0, function: { arguments: '{"city"' } }));
      response.write(call({ index: 0, function: { arguments: ':"上海"}' } }));
      response.end(finish('tool_calls') + DONE);
    });

    const parts = await collect(
      place(),
      request({ tools: [{ name: 'weather' }], toolChoice: { name: 'weather' } }),
    );

    expect(parts).toEqual([
      { type: 'tool-call-delta', index: 0, id: 'call_1', name: 'weather' },
      { type: 'tool-call-delta', index: 0, arguments: '{"city"' },
      { type: 'tool-call-delta', index: 0, arguments: ':"上海"}' },
      { type: 'end', reason: 'tool_calls', usage: { inputTokens: 0, outputTokens: 0 } },
    ]);
    expect(upstream.calls[0]?.body).toMatchObject({
      tools: [{ type: 'function', function: { name: 'weather' } }],
      tool_choice: { type: 'function', function: { name: 'weather' } },
    });
  });

  it('sends pictures as data URLs where they are accepted and names the part where not', async () => {
    upstream.will(says('a cat'));
    const picture = request({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'what is this?' },
            {
              type: 'image',
              image: { kind: 'inline', mediaType: 'image/png', bytes: new Uint8Array([0, 1, 2]) },
              path: 'messages[0].content[1].image_url',
            },
          ],
        },
      ],
    });

    await collect(place({ images: true }), picture);
    const refused = await failure(collect(place(), picture));

    expect(upstream.calls[0]?.body).toMatchObject({
      messages: [
        {
          content: [
            { type: 'text', text: 'what is this?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AAEC', detail: 'auto' } },
          ],
        },
      ],
    });
    expect(refused).toMatchObject({
      code: 'unsupported_parameter',
      param: 'messages[0].content[1].image_url',
    });
    expect(upstream.calls).toHaveLength(1);
  });

  it.each([
    [401, {}, {}, { code: 'upstream_error', retryable: false }],
    [403, {}, {}, { code: 'upstream_error', retryable: false }],
    [404, {}, {}, { code: 'model_not_found' }],
    [429, {}, { 'retry-after': '7' }, { code: 'rate_limit_exceeded', retryAfterMs: 7_000 }],
    [429, {}, { 'retry-after-ms': '250' }, { code: 'rate_limit_exceeded', retryAfterMs: 250 }],
    [500, {}, {}, { code: 'upstream_error', retryable: true, retryAfterMs: 2_000 }],
    [503, {}, { 'retry-after': '3' }, { code: 'unavailable', retryAfterMs: 3_000 }],
    [302, {}, { location: 'http://169.254.169.254/' }, { code: 'upstream_error', retryable: false }],
    [
      400,
      { error: { code: 'context_length_exceeded', message: 'x' } },
      {},
      { code: 'context_length_exceeded' },
    ],
    [
      400,
      { error: { message: "This model's maximum context length is 4096 tokens." } },
      {},
      { code: 'context_length_exceeded' },
    ],
    [
      400,
      { error: { code: 'unsupported_parameter', param: 'seed', message: 'x' } },
      {},
      { code: 'unsupported_parameter', param: 'seed' },
    ],
    [422, { error: 'nope' }, {}, { code: 'invalid_request' }],
  ])('maps HTTP %i %j to a code of ours', async (status, body, headers, expected) => {
    upstream.will(refuses(status, body, headers as Record<string, string>));

    expect(await failure(collect(place()))).toMatchObject(expected);
    expect(upstream.calls).toHaveLength(1);
  });

  it('never repeats what the upstream says, nor the key', async () => {
    upstream.will(refuses(401, { error: { message: 'Incorrect API key provided: sk-very-secret' } }));

    const error = await failure(collect(place({ apiKey: 'sk-very-secret' })));

    expect(JSON.stringify({ ...error, message: error.message, stack: error.stack })).not.toContain('sk-very');
  });

  it('is unavailable where nothing listens', async () => {
    const port = await freePort();

    const error = await failure(collect(place({ url: `http://127.0.0.1:${port}/v1` })));

    expect(error).toMatchObject({ code: 'unavailable', retryable: true, retryAfterMs: 2_000 });
  });

  it('gives up on a first token that does not come, and frees the upstream', async () => {
    upstream.will((response) => {
      stream(response);
      response.write(role());
    });

    const error = await failure(collect(place({ firstTokenTimeoutMs: 80 })));

    expect(error.code).toBe('deadline_exceeded');
    await upstream.calls[0]?.left;
  });

  it('gives up on a gap in the middle', async () => {
    upstream.will((response) => {
      stream(response);
      response.write(text('once'));
    });
    const { first, rest } = await place({ idleTimeoutMs: 80 }).doOpen(
      request(),
      new AbortController().signal,
    );

    expect(first).toEqual({ type: 'text', text: 'once' });
    expect((await failure(rest.next())).code).toBe('deadline_exceeded');
    await upstream.calls[0]?.left;
  });

  it('does not blame the upstream for a consumer that reads slowly', async () => {
    const reading = Promise.withResolvers<void>();
    upstream.will(async (response) => {
      stream(response);
      response.write(text('one'));
      await reading.promise;
      response.end(text('two') + finish() + DONE);
    });
    const { first, rest } = await place({ idleTimeoutMs: 60, firstTokenTimeoutMs: 60 }).doOpen(
      request(),
      new AbortController().signal,
    );
    await new Promise((resolve) => setTimeout(resolve, 150)); // the consumer's own pause
    reading.resolve();

    const others: RawPart[] = [];
    for await (const part of rest) others.push(part);
    expect(said([first, ...others])).toBe('onetwo');
  });

  it('pauses the upstream when nobody reads', async () => {
    const written = Promise.withResolvers<number>();
    upstream.will(async (response) => {
      stream(response);
      const piece = text('x'.repeat(64 * 1024));
      let count = 0;
      while (count < 2000 && response.write(piece)) {
        count += 1;
        await new Promise((resolve) => setImmediate(resolve));
      }
      // write() answered false: now wait whether the socket ever drains
      let more = 0;
      const pump = (): void => {
        while (more < 2000 && response.write(piece)) more += 1;
        if (more < 2000) response.once('drain', pump);
      };
      response.once('drain', pump);
      setTimeout(() => written.resolve(count + more), 300);
    });
    const { rest } = await place().doOpen(request(), new AbortController().signal);

    expect(await written.promise).toBeLessThan(400); // of 2000: the kernel's buffers and ours, no more
    await rest.return();
    await upstream.calls[0]?.left;
  });

  it('says so when the stream dies in the middle', async () => {
    upstream.will((response) => {
      stream(response);
      response.write(text('half an'), () => response.socket?.destroy());
    });

    const error = await failure(collect(place()));

    expect(error.code).toBe('upstream_error');
  });

  it('never takes an end without a finish for a complete answer', async () => {
    upstream.will((response) => {
      stream(response);
      response.end(text('half an'));
    });

    expect((await failure(collect(place()))).code).toBe('upstream_error');
  });

  it('takes a finish reason without [DONE], and a dying socket after it, for an end', async () => {
    upstream.will((response) => {
      stream(response);
      response.write(text('all') + finish('length'), () => response.socket?.destroy());
    });

    expect((await collect(place())).at(-1)).toMatchObject({ type: 'end', reason: 'length' });
  });

  it.each([
    ['broken JSON', 'data: {"choices": [\n\n'],
    ['an error', data({ error: { message: 'boom' } })],
    ['an event without end', `data: ${'x'.repeat(2 * 1024 * 1024)}`],
  ])('reports %s in the stream', async (_, bytes) => {
    upstream.will((response) => {
      stream(response);
      response.end(text('so far') + bytes);
    });

    expect((await failure(collect(place()))).code).toBe('upstream_error');
  });

  it('refuses an answer that is no stream', async () => {
    upstream.will((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{}');
    });

    expect(await failure(collect(place()))).toMatchObject({ code: 'upstream_error', retryable: false });
  });

  it('frees the upstream within milliseconds when the caller leaves', async () => {
    upstream.will((response) => {
      stream(response);
      response.write(text('once'));
    });
    const caller = new AbortController();
    const { rest } = await place().doOpen(request(), caller.signal);
    const pending = failure(rest.next());

    const leftAt = performance.now();
    caller.abort();

    expect((await pending).code).toBe('cancelled');
    await upstream.calls[0]?.left;
    expect(performance.now() - leftAt).toBeLessThan(500);
  });

  it('frees the upstream when the caller leaves before the first token', async () => {
    const arrived = Promise.withResolvers<void>();
    upstream.will(() => arrived.resolve());
    const caller = new AbortController();
    const pending = failure(collect(place(), request(), caller.signal));
    await arrived.promise;

    caller.abort(new DomainError('deadline_exceeded', 'time is up'));

    expect((await pending).code).toBe('deadline_exceeded');
    await upstream.calls[0]?.left;
  });

  it('bounds what runs at once', async () => {
    upstream.will((response) => {
      stream(response);
      response.write(text('once'));
    }, says('free again'));
    const placement = place({ maxConcurrent: 1 });
    const { rest } = await placement.doOpen(request(), new AbortController().signal);

    expect(await failure(collect(placement))).toMatchObject({ code: 'overloaded', retryAfterMs: 1_000 });
    await rest.return();
    expect(said(await collect(placement))).toBe('free again');
  });

  it('rests after repeated failures and tries again', async () => {
    upstream.will(refuses(500), refuses(500), says('back'));
    const placement = place({}, { failures: 2, halfOpenMs: 50 });
    await failure(collect(placement));
    await failure(collect(placement));

    expect(placement.isReady()).toBe(false);
    expect(await failure(collect(placement))).toMatchObject({ code: 'unavailable' });
    expect(upstream.calls).toHaveLength(2);

    await new Promise((resolve) => setTimeout(resolve, 80)); // the rest itself
    expect(said(await collect(placement))).toBe('back');
    expect(placement.isReady()).toBe(true);
  });

  it('does not count a caller who leaves, nor a bad request, against the upstream', async () => {
    upstream.will(refuses(400), refuses(429), says('fine'));
    const placement = place({}, { failures: 1 });

    await failure(collect(placement));
    await failure(collect(placement));

    expect(said(await collect(placement))).toBe('fine');
  });

  it('reads usage that comes with the last chunk', async () => {
    upstream.will((response) => {
      stream(response);
      response.end(text('a') + usage(11, 7) + finish() + DONE);
    });

    expect((await collect(place())).at(-1)).toMatchObject({ usage: { inputTokens: 11, outputTokens: 7 } });
  });
});
