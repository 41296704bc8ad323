import { DomainError } from '@trivium/contracts';
import { describe, expect, it } from 'vitest';
import { page } from '../src/rendering/invoice.fixture.js';
import { dialogueWithRouter, failure, picture, text } from './dialogue.js';
import { failing, textOf, turn } from './house.js';

const { script, ask, modelSays, prompt } = dialogueWithRouter();

describe('document', () => {
  it('answers the asked field first, then everything, and says that no model is configured', async () => {
    const parts = await ask(turn([text('这张发票多少钱？'), picture()]));

    const answer = textOf(parts);
    expect(parts[0]).toMatchObject({ pipeline: 'document', rule: 'document-question' });
    expect(answer.startsWith('**价税合计（小写）：¥1130.00**\n\n### 增值税电子普通发票\n')).toBe(true);
    for (const value of [
      '12345678',
      '2026-03-05',
      '上海示例科技有限公司',
      '北京样本商贸有限公司',
      '壹仟壹佰叁拾圆整',
    ]) {
      expect(answer).toContain(value);
    }
    expect(answer.match(/尚未配置语言模型/g)).toHaveLength(1);
    expect(parts.filter(({ type }) => type === 'text-delta').length).toBeGreaterThan(10);
  });

  it('renders by code first, then lets the model answer from the facts', async () => {
    modelSays('It is within your budget.');

    const parts = await ask(turn([text('Is the total within 2000?'), picture()]));

    expect(textOf(parts)).toMatch(/^\*\*Total .*¥1130\.00\*\*/);
    expect(textOf(parts)).toMatch(/\*\*Verdict: ✓ passed\*\*\n\nIt is within your budget\.$/);
    expect(parts.at(-1)).toMatchObject({ model: 'qwen', usage: { inputTokens: 7, outputTokens: 3 } });
    expect(prompt()).toContain('total: 1130.00 (confidence 0.98)');
    expect(prompt()).toContain('Do not retype or summarise that table');
    expect(prompt()).not.toContain('|image');
  });

  it('asks no model about a document without a question', async () => {
    modelSays('never');

    const parts = await ask(turn([picture()]));

    expect(parts[0]).toMatchObject({ rule: 'bare-document' });
    expect(textOf(parts)).not.toContain('never');
    expect(parts.at(-1)).toMatchObject({ model: 'trivium' });
  });

  it('ends normally with what is known when the model fails', async () => {
    script.generate = failing(new DomainError('unavailable', 'down', { retryAfterMs: 1 }));

    const parts = await ask(turn([text('what is the total?'), picture()]));

    expect(textOf(parts)).toMatch(/\*\*Verdict.*\n\nThe language model cannot answer right now[^\n]*$/);
    expect(parts.at(-1)).toMatchObject({ type: 'turn-end', reason: 'stop', model: 'trivium' });
  });

  it('says so when the model breaks off in the middle', async () => {
    script.generate = async function* () {
      yield { type: 'generation-start', model: 'qwen', placement: 'remote-1' };
      yield { type: 'text-delta', text: 'Half of' };
      throw new DomainError('upstream_error', 'died');
    };

    const parts = await ask(turn([text('what is the total?'), picture()]));

    expect(textOf(parts)).toMatch(/Half of\n\n\(The language model broke off here[^\n]*$/);
    expect(parts.at(-1)?.type).toBe('turn-end');
  });

  it('quotes the text of what is not an invoice', async () => {
    script.extractInvoice = async () => ({ invoice: null, pages: [page('收据', '100 元')], execution: [] });

    const parts = await ask(turn([text('这张收据的总额是多少'), picture()]));

    expect(textOf(parts)).toContain('**图片中的文字**\n\n> 收据  \n> 100 元');
  });

  it('hands errors on that name the part', async () => {
    script.extractInvoice = async ({ path }) => {
      throw new DomainError('unsupported_media', 'This is not a picture.', { param: path });
    };

    expect(
      await failure(ask(turn([text('总额？'), picture('messages[0].content[1].image_url')]))),
    ).toMatchObject({
      code: 'unsupported_media',
      param: 'messages[0].content[1].image_url',
    });
  });

  it('takes no more documents than it may, naming the first too many', async () => {
    const content = ['a', 'b', 'c'].map((path) => picture(path));

    expect(await failure(ask(turn(content)))).toMatchObject({ code: 'invalid_request', param: 'c' });
  });

  it('answers a later question of a caller who keeps the conversation', async () => {
    const messages = [
      { role: 'user' as const, content: [text('这张发票多少钱？'), picture()] },
      { role: 'assistant' as const, content: [text('1130')] },
      { role: 'user' as const, content: [text('开票日期呢？')] },
    ];

    const parts = await ask(turn('', { messages }));

    expect(parts[0]).toMatchObject({ pipeline: 'document', rule: 'question-about-an-earlier-invoice' });
    expect(textOf(parts)).toMatch(/^\*\*开票日期：2026-03-05\*\*\n\n尚未配置语言模型/);
  });

  it('goes on without an old picture that cannot be read any more', async () => {
    script.extractInvoice = async () => {
      throw new DomainError('unavailable', 'down');
    };
    modelSays('Hello again.');
    const messages = [
      { role: 'user' as const, content: [picture()] },
      { role: 'assistant' as const, content: [text('a picture')] },
      { role: 'user' as const, content: [text('hello')] },
    ];

    expect(textOf(await ask(turn('', { messages })))).toBe('Hello again.');
    expect(prompt()).toContain('[image that was not read]');
  });

  it('gives an object to who asked for one: nothing is written around it', async () => {
    modelSays('{"total":1130}');

    const parts = await ask(turn([text('total?'), picture()], { responseFormat: { type: 'json_object' } }));

    expect(textOf(parts)).toBe('{"total":1130}');
  });
});
