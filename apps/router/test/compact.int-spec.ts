import type { ModelDescription } from '@trivium/contracts/model';
import { generate } from '@trivium/contracts/text-inference';
import { beforeEach, describe, expect, it } from 'vitest';
import { invoice } from '../src/rendering/invoice.fixture.js';
import { dialogueWithRouter, failure, item, picture, text } from './dialogue.js';
import { textOf, turn } from './house.js';

const { script, ask, modelSays, prompt } = dialogueWithRouter();
const NOTE = 'system: You are Trivium. Answer from the documents; never invent values.';

const model = (overrides: Partial<ModelDescription> = {}): ModelDescription => ({
  id: 'mini',
  task: 'generate',
  placement: 'cpu',
  ownedBy: 'trivium',
  created: 0,
  ready: true,
  contextWindow: 2_048,
  ...overrides,
});
const have = (...models: ModelDescription[]): void => {
  script.listTextModels = async () => ({ models });
};

beforeEach(() => {
  have(model({ id: 'mini-embed', task: 'embed', contextWindow: 512 }), model());
});

describe('a model with a small window', () => {
  it('gets the note that it knows, in plain talk too', async () => {
    modelSays('你好！');

    expect(textOf(await ask(turn('你好', { instructions: 'Be brief.' })))).toBe('你好！');
    expect(prompt()).toBe(`${NOTE}\n\nBe brief.\nuser: 你好`);
  });

  it('is not asked what is rendered completely', async () => {
    modelSays('never');

    const parts = await ask(turn([text('这张发票多少钱？'), picture()]));

    expect(textOf(parts)).toMatch(/^\*\*价税合计（小写）：¥1130\.00\*\*/);
    expect(textOf(parts)).not.toContain('never');
    expect(parts.at(-1)).toMatchObject({ type: 'turn-end', model: 'trivium' });
    expect(script.requests(generate)).toHaveLength(0);
  });

  it('is asked the rest, from the document in few words and never with the picture', async () => {
    modelSays('不贵。');

    const parts = await ask(turn([picture(), text('这张发票贵不贵？')]));

    expect(textOf(parts)).toMatch(/^### 增值税电子普通发票[^]*不贵。$/);
    expect(prompt()).toMatch(
      new RegExp(
        `^${NOTE}\nuser: <document name="picture">\ntype: 增值税电子普通发票\n发票代码: 031002300211\n`,
      ),
    );
    expect(prompt()).toMatch(/\nverdict: PASS\n<\/document>\|这张发票贵不贵？$/);
  });

  it('answers about the text of a picture from the lines alone', async () => {
    modelSays('A shop.');

    await ask(turn([picture(), text('Where is this?')]));

    expect(prompt()).toBe(
      `${NOTE}\nuser: <document name="picture">\n海阔天空\nOPEN 24 HOURS\n</document>|Where is this?`,
    );
  });

  it('is told of what a stored turn has read', async () => {
    script.loadHistory = async () => ({
      items: [
        item({
          parts: [{ type: 'image', fileId: 'file_1' }],
          artifacts: [{ kind: 'invoice', fileId: 'file_1', data: invoice() }],
        }),
        item({ role: 'assistant', parts: [{ type: 'text', text: '| 项目 | 内容 |\n'.repeat(100) }] }),
      ],
      head: 2,
    });
    modelSays('上海。');

    await ask(turn('买家在哪个城市？', { state: { responseId: 'resp_1', conversationId: 'conv_1' } }));

    const [, document, answer, question] = prompt().split(/\n(?=user:|assistant:)/);
    expect(document).toContain('购买方名称: 上海示例科技有限公司');
    expect(answer?.length).toBeLessThan(320);
    expect(question).toBe('user: 买家在哪个城市？');
  });

  it('gets calls of tools and their results', async () => {
    const call = { id: 'c', name: 'weather', arguments: '{"city":"上海"}' };
    modelSays('晴。');

    await ask(
      turn('', {
        messages: [
          { role: 'user', content: [text('天气？')] },
          { role: 'assistant', content: [], toolCalls: [call] },
          { role: 'tool', content: [text('sunny')], toolCallId: 'c' },
        ],
        tools: [{ name: 'weather' }],
      }),
    );

    expect(script.requests(generate)[0]).toMatchObject({
      messages: [
        { role: 'system' },
        { role: 'user', content: [{ text: '天气？' }] },
        { role: 'assistant', toolCalls: [call] },
        { role: 'tool', toolCallId: 'c', content: [{ text: 'sunny' }] },
      ],
      tools: [{ name: 'weather' }],
    });
  });
});

describe('which model answers', () => {
  it('decides the form: the one that was asked for, or else the first that writes', async () => {
    have(model({ id: 'large', placement: 'remote', contextWindow: 32_768 }), model());
    modelSays('hi');

    await ask(turn('hi'));
    await ask(turn('hi', { model: 'mini' }));
    await ask(turn('hi', { model: 'mini@int8' }));

    expect(prompt(0)).toBe('user: hi');
    expect(prompt(1)).toBe(`${NOTE}\nuser: hi`);
    expect(prompt(2)).toBe(`${NOTE}\nuser: hi`);
    expect(script.requests(generate)[2]).toMatchObject({ model: 'mini@int8' });
  });

  it('a larger one is asked beside what is rendered, as ever', async () => {
    have(model({ contextWindow: 32_768 }));
    modelSays('It is.');

    expect(textOf(await ask(turn([text('Is the total within 2000?'), picture()])))).toMatch(/\n\nIt is\.$/);
  });

  it.each([
    ['mini-embed', 'invalid_request'],
    ['none@int8', 'model_not_found'],
    ['large@int8', 'model_not_found'],
  ])('%s answers nothing: %s', async (id, code) => {
    have(
      model({ id: 'mini-embed', task: 'embed' }),
      model({ id: 'large', placement: 'remote', contextWindow: 32_768 }),
    );

    expect(await failure(ask(turn('hi', { model: id })))).toMatchObject({ code, param: 'model' });
  });
});
