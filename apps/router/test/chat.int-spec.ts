import { DomainError } from '@trivium/contracts';
import type { ContentPart } from '@trivium/contracts/content';
import { extractInvoice } from '@trivium/contracts/ocr-certification';
import { generate } from '@trivium/contracts/text-inference';
import { describe, expect, it } from 'vitest';
import { dialogueWithRouter, failure, type Part, picture, text } from './dialogue.js';
import { failing, textOf, turn } from './house.js';

const { script, ask, stream, modelSays, prompt } = dialogueWithRouter();

describe('chat', () => {
  it('streams what the model says', async () => {
    modelSays('你好', '。');

    const parts = await ask(turn('你好'));

    expect(parts).toEqual([
      { type: 'route-decided', pipeline: 'chat', rule: 'anything-else', reason: 'no earlier rule matched' },
      { type: 'text-delta', text: '你好' },
      { type: 'text-delta', text: '。' },
      {
        type: 'turn-end',
        reason: 'stop',
        usage: { inputTokens: 7, outputTokens: 3 },
        model: 'qwen',
        itemIds: [],
      },
    ]);
    expect(prompt()).toBe('user: 你好');
  });

  it('passes sampling, tools and tool calls through', async () => {
    script.generate = async function* () {
      yield { type: 'generation-start', model: 'qwen', placement: 'remote-1' };
      yield { type: 'tool-call-delta', index: 0, id: 'c', name: 'f', arguments: '{}' };
      yield { type: 'generation-end', reason: 'tool_calls', usage: { inputTokens: 1, outputTokens: 1 } };
    };

    const parts = await ask(
      turn('hi', { sampling: { temperature: 0.5 }, tools: [{ name: 'f' }], toolChoice: 'required' }),
    );

    expect(parts[1]).toEqual({ type: 'tool-call-delta', index: 0, id: 'c', name: 'f', arguments: '{}' });
    expect(parts.at(-1)).toMatchObject({ reason: 'tool_calls' });
    expect(script.requests(generate)[0]).toMatchObject({
      sampling: { temperature: 0.5 },
      tools: [{ name: 'f' }],
      toolChoice: 'required',
    });
  });

  it.each([
    ['讲个笑话', '尚未配置语言模型'],
    ['tell me a joke', 'No language model is configured'],
  ])('says in one sentence that there is no model: %s', async (question, sentence) => {
    const parts = await ask(turn(question));

    expect(textOf(parts)).toContain(sentence);
    expect(textOf(parts)).toContain('TEXT_UPSTREAM_URL');
    expect(parts.at(-1)).toMatchObject({ type: 'turn-end', reason: 'stop', model: 'trivium' });
  });

  it.each<[string, Parameters<typeof turn>[1]]>([
    ['an object', { responseFormat: { type: 'json_object' } }],
    ['a call of some tool', { tools: [{ name: 'f' }], toolChoice: 'required' }],
    ['a call of one tool', { tools: [{ name: 'f' }], toolChoice: { name: 'f' } }],
  ])('does not pretend where %s was asked for', async (_what, wish) => {
    expect((await failure(ask(turn('hi', wish)))).code).toBe('model_not_available');
    expect((await failure(ask(turn([text('total?'), picture()], wish)))).code).toBe('model_not_available');
  });

  it('knows which models exist before it does anything', async () => {
    script.listTextModels = async () => ({
      models: [{ id: 'qwen', task: 'generate', placement: 'remote', ownedBy: 'x', created: 0, ready: true }],
    });
    modelSays('hi');

    const error = await failure(ask(turn([picture(), text('总额？')], { model: 'gpt-9' })));
    const parts = await ask(turn('hi', { model: 'qwen' }));

    expect(error).toMatchObject({ code: 'model_not_found', param: 'model' });
    expect(script.requests(extractInvoice)).toHaveLength(0);
    expect(parts.at(-1)).toMatchObject({ model: 'qwen' });
    expect(script.requests(generate)[0]).toMatchObject({ model: 'qwen' });
  });

  it('hands errors of the model on with all they say', async () => {
    script.generate = failing(new DomainError('rate_limit_exceeded', 'slow down', { retryAfterMs: 700 }));

    expect(await failure(ask(turn('hi')))).toMatchObject({ code: 'rate_limit_exceeded', retryAfterMs: 700 });
  });

  it('reports a model that breaks off, after what it said', async () => {
    script.generate = async function* () {
      yield { type: 'generation-start', model: 'qwen', placement: 'remote-1' };
      yield { type: 'text-delta', text: 'half' };
      throw new DomainError('upstream_error', 'died');
    };
    const seen: Part[] = [];

    const error = await failure(
      (async () => {
        for await (const part of stream(turn('hi'))) seen.push(part);
      })(),
    );

    expect(textOf(seen)).toBe('half');
    expect(error.code).toBe('upstream_error');
  });

  it('refuses audio, naming the part', async () => {
    const audio: ContentPart = {
      type: 'audio',
      audio: { kind: 'inline', mediaType: 'audio/wav', bytes: new Uint8Array() },
      path: 'messages[0].content[0].input_audio',
    };

    expect(await failure(ask(turn([audio])))).toMatchObject({
      code: 'unsupported_parameter',
      param: 'messages[0].content[0].input_audio',
    });
  });
});
