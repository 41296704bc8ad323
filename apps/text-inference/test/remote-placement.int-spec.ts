import { describe, expect, it } from 'vitest';
import { collect, failure, remoteScene, request, said } from './remote-scene.js';
import { DONE, data, finish, role, says, stream, text, usage } from './upstream.js';

describe('RemotePlacement', () => {
  const scene = remoteScene();

  it('asks for a stream with usage and reads text, end and usage', async () => {
    scene.upstream.will(says('你好', '，世界'));

    const parts = await collect(scene.place({ apiKey: 'secret-key', headers: { 'x-team': 'docs' } }));

    expect(said(parts)).toBe('你好，世界');
    expect(parts.at(-1)).toEqual({ type: 'end', reason: 'stop', usage: { inputTokens: 3, outputTokens: 2 } });
    expect(scene.upstream.calls[0]).toMatchObject({
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
    scene.upstream.will(async (response) => {
      stream(response);
      for (const byte of bytes) {
        if (!response.write(Buffer.of(byte))) await new Promise((resolve) => response.once('drain', resolve));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    });

    expect(said(await collect(scene.place()))).toBe(content);
  });

  it('passes tool calls on piece by piece', async () => {
    const call = (delta: unknown): string =>
      data({ choices: [{ index: 0, delta: { tool_calls: [delta] } }] });
    scene.upstream.will((response) => {
      stream(response);
      response.write(
        call({ index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } }),
      );
      response.write(call({ index: 0, function: { arguments: '{"city"' } }));
      response.write(call({ index: 0, function: { arguments: ':"上海"}' } }));
      response.end(finish('tool_calls') + DONE);
    });

    const parts = await collect(
      scene.place(),
      request({ tools: [{ name: 'weather' }], toolChoice: { name: 'weather' } }),
    );

    expect(parts).toEqual([
      { type: 'tool-call-delta', index: 0, id: 'call_1', name: 'weather' },
      { type: 'tool-call-delta', index: 0, arguments: '{"city"' },
      { type: 'tool-call-delta', index: 0, arguments: ':"上海"}' },
      { type: 'end', reason: 'tool_calls', usage: { inputTokens: 0, outputTokens: 0 } },
    ]);
    expect(scene.upstream.calls[0]?.body).toMatchObject({
      tools: [{ type: 'function', function: { name: 'weather' } }],
      tool_choice: { type: 'function', function: { name: 'weather' } },
    });
  });

  it('sends pictures as data URLs where they are accepted and names the part where not', async () => {
    scene.upstream.will(says('a cat'));
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

    await collect(scene.place({ images: true }), picture);
    const refused = await failure(collect(scene.place(), picture));

    expect(scene.upstream.calls[0]?.body).toMatchObject({
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
    expect(scene.upstream.calls).toHaveLength(1);
  });

  it('reads usage that comes with the last chunk', async () => {
    scene.upstream.will((response) => {
      stream(response);
      response.end(text('a') + usage(11, 7) + finish() + DONE);
    });

    expect((await collect(scene.place())).at(-1)).toMatchObject({
      usage: { inputTokens: 11, outputTokens: 7 },
    });
  });

  it('asks for the probabilities of tokens and reads them', async () => {
    const content = [
      {
        token: '你',
        logprob: -0.25,
        bytes: [228, 189, 160],
        top_logprobs: [{ token: '您', logprob: -1.5, bytes: null }],
      },
    ];
    scene.upstream.will((response) => {
      stream(response);
      response.write(data({ choices: [{ index: 0, delta: { content: '你' }, logprobs: { content } }] }));
      response.end(text('好') + finish() + DONE);
    });

    const parts = await collect(scene.place(), request({ sampling: { topLogprobs: 1 } }));

    expect(scene.upstream.calls[0]?.body).toMatchObject({ logprobs: true, top_logprobs: 1 });
    expect(parts[0]).toEqual({
      type: 'text',
      text: '你',
      logprobs: [
        {
          token: '你',
          logprob: -0.25,
          bytes: [228, 189, 160],
          top: [{ token: '您', logprob: -1.5, bytes: [230, 130, 168] }],
        },
      ],
    });
    expect(said(parts)).toBe('你好');
  });

  it('does not take an answer without the probabilities that were asked for', async () => {
    scene.upstream.will(says('hi'));
    const asked = request({ sampling: { topLogprobs: 0 } });

    expect(await failure(collect(scene.place(), asked))).toMatchObject({
      code: 'unsupported_parameter',
      param: 'logprobs',
    });
    expect(await failure(collect(scene.place({ parameters: ['stop'] }), asked))).toMatchObject({
      code: 'unsupported_parameter',
      param: 'logprobs',
    });
    expect(scene.upstream.calls).toHaveLength(1);
  });

  it.each([
    ['top_k', { topK: 20 }, 20],
    ['min_p', { minP: 0.05 }, 0.05],
    ['repetition_penalty', { repetitionPenalty: 1.1 }, 1.1],
  ] as const)('sends %s only to those who are known to take it', async (name, sampling, value) => {
    scene.upstream.will(says('hi'));

    const refused = await failure(collect(scene.place(), request({ sampling })));
    await collect(scene.place({ parameters: [name] }), request({ sampling }));

    expect(refused).toMatchObject({ code: 'unsupported_parameter', param: name });
    expect(scene.upstream.calls).toHaveLength(1);
    expect(scene.upstream.calls[0]?.body).toMatchObject({ [name]: value });
  });
});
