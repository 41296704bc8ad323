import { DomainError } from '@trivium/contracts';
import { generate } from '@trivium/contracts/text-inference';
import { readText } from '@trivium/contracts/vision-inference';
import { describe, expect, it } from 'vitest';
import { page } from '../src/rendering/invoice.fixture.js';
import { dialogueWithRouter, execution, picture, text } from './dialogue.js';
import { textOf, turn } from './house.js';

const { script, ask, modelSays, prompt } = dialogueWithRouter();

describe('image-text', () => {
  it('shows the words of a picture when there is no model', async () => {
    const parts = await ask(turn([text('这是哪里？'), picture()]));

    expect(parts[0]).toMatchObject({ pipeline: 'image-text' });
    expect(textOf(parts)).toMatch(
      /^\*\*图片中的文字\*\*\n\n> 海阔天空 {2}\n> OPEN 24 HOURS\n\n尚未配置语言模型/,
    );
  });

  it('reads an invoice as one, though the question does not say so', async () => {
    script.readText = async () => ({
      width: 1,
      height: 1,
      lines: page('电子发票', '税额 ￥130.00').lines,
      execution,
    });

    const known = textOf(await ask(turn([text('这是什么？'), picture()])));
    script.extractInvoice = async () => {
      throw new DomainError('unavailable', 'down');
    };
    const plain = textOf(await ask(turn([text('这是什么？'), picture()])));

    expect(known).toContain('| 价税合计（小写） | ¥1130.00 |');
    expect(plain).toContain('> 税额 ￥130.00');
  });

  it('shows the picture to a model that can look, together with what was read', async () => {
    modelSays('A shop.');

    const parts = await ask(turn([text('Where is this?'), picture()]));

    expect(textOf(parts)).toBe('A shop.');
    expect(prompt()).toContain('user: Where is this?|image|<document id="1" name="picture"');
    expect(script.requests(readText)).toHaveLength(1);
  });

  it('asks a model that cannot look again, with the words alone', async () => {
    script.generate = async function* ({ messages }) {
      if (messages.some(({ content }) => content.some(({ type }) => type === 'image'))) {
        throw new DomainError('unsupported_parameter', 'no pictures', { param: 'messages[0].content[0]' });
      }
      yield { type: 'generation-start', model: 'qwen', placement: 'remote-1' };
      yield { type: 'text-delta', text: 'It says OPEN.' };
      yield { type: 'generation-end', reason: 'stop', usage: { inputTokens: 1, outputTokens: 1 } };
    };

    expect(textOf(await ask(turn([text('Where is this?'), picture()])))).toBe('It says OPEN.');
    expect(script.requests(generate)).toHaveLength(2);
  });

  it('renders the words by code when they are what was asked for', async () => {
    modelSays('A sign of a shop.');

    const answer = textOf(await ask(turn([text('What does it say?'), picture()])));

    expect(answer).toBe('**Text in the picture**\n\n> 海阔天空  \n> OPEN 24 HOURS\n\nA sign of a shop.');
  });
});
