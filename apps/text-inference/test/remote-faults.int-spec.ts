import { freePort } from '@trivium/local-servers';
import { describe, expect, it } from 'vitest';
import { collect, failure, remoteScene, request } from './remote-scene.js';
import { data, finish, refuses, role, stream, text } from './upstream.js';

describe('RemotePlacement when its upstream fails', () => {
  const scene = remoteScene();

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
    scene.upstream.will(refuses(status, body, headers as Record<string, string>));

    expect(await failure(collect(scene.place()))).toMatchObject(expected);
    expect(scene.upstream.calls).toHaveLength(1);
  });

  it('never repeats what the upstream says, nor the key', async () => {
    scene.upstream.will(refuses(401, { error: { message: 'Incorrect API key provided: sk-very-secret' } }));

    const error = await failure(collect(scene.place({ apiKey: 'sk-very-secret' })));

    expect(JSON.stringify({ ...error, message: error.message, stack: error.stack })).not.toContain('sk-very');
  });

  it('is unavailable where nothing listens', async () => {
    const port = await freePort();

    const error = await failure(collect(scene.place({ url: `http://127.0.0.1:${port}/v1` })));

    expect(error).toMatchObject({ code: 'unavailable', retryable: true, retryAfterMs: 2_000 });
  });

  it('gives up on a first token that does not come, and frees the upstream', async () => {
    scene.upstream.will((response) => {
      stream(response);
      response.write(role());
    });

    const error = await failure(collect(scene.place({ firstTokenTimeoutMs: 80 })));

    expect(error.code).toBe('deadline_exceeded');
    await scene.upstream.calls[0]?.left;
  });

  it('gives up on a gap in the middle', async () => {
    scene.upstream.will((response) => {
      stream(response);
      response.write(text('once'));
    });
    const { first, rest } = await scene
      .place({ idleTimeoutMs: 80 })
      .doOpen(request(), new AbortController().signal);

    expect(first).toEqual({ type: 'text', text: 'once' });
    expect((await failure(rest.next())).code).toBe('deadline_exceeded');
    await scene.upstream.calls[0]?.left;
  });

  it('says so when the stream dies in the middle', async () => {
    scene.upstream.will((response) => {
      stream(response);
      response.write(text('half an'), () => response.socket?.destroy());
    });

    const error = await failure(collect(scene.place()));

    expect(error.code).toBe('upstream_error');
  });

  it('never takes an end without a finish for a complete answer', async () => {
    scene.upstream.will((response) => {
      stream(response);
      response.end(text('half an'));
    });

    expect((await failure(collect(scene.place()))).code).toBe('upstream_error');
  });

  it('takes a finish reason without [DONE], and a dying socket after it, for an end', async () => {
    scene.upstream.will((response) => {
      stream(response);
      response.write(text('all') + finish('length'), () => response.socket?.destroy());
    });

    expect((await collect(scene.place())).at(-1)).toMatchObject({ type: 'end', reason: 'length' });
  });

  it.each([
    ['broken JSON', 'data: {"choices": [\n\n'],
    ['an error', data({ error: { message: 'boom' } })],
    ['an event without end', `data: ${'x'.repeat(2 * 1024 * 1024)}`],
  ])('reports %s in the stream', async (_, bytes) => {
    scene.upstream.will((response) => {
      stream(response);
      response.end(text('so far') + bytes);
    });

    expect((await failure(collect(scene.place()))).code).toBe('upstream_error');
  });

  it('refuses an answer that is no stream', async () => {
    scene.upstream.will((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{}');
    });

    expect(await failure(collect(scene.place()))).toMatchObject({ code: 'upstream_error', retryable: false });
  });
});
