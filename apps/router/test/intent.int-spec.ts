import { DomainError, type ReplyOf } from '@trivium/contracts';
import { classify } from '@trivium/contracts/text-inference';
import { describe, expect, it } from 'vitest';
import { dialogueWithRouter, picture, text } from './dialogue.js';
import { textOf, turn } from './house.js';

const { script, ask, modelSays } = dialogueWithRouter();

const nearest = (label: string, score = 0.9): ReplyOf<typeof classify> => ({
  model: 'embedder',
  scores: [
    { label, score, example: 'like this' },
    { label: 'asks-something-else', score: 0.1, example: 'not like this' },
  ],
});

describe('the intent of a question', () => {
  it('chooses the rule, and the route says why', async () => {
    script.classify = async () => nearest('small-talk');
    modelSays('Hi.');

    const [route] = await ask(turn('嗨，在吗'));

    expect(route).toEqual({
      type: 'route-decided',
      pipeline: 'chat',
      rule: 'small-talk',
      reason: "intent small-talk (0.90, like 'like this')",
    });
    expect(script.requests(classify)).toMatchObject([
      {
        text: '嗨，在吗',
        labels: expect.arrayContaining([expect.objectContaining({ label: 'small-talk' })]),
      },
    ]);
  });

  it('has the words of a picture shown as they stand', async () => {
    script.classify = async () => nearest('asks-what-is-written');
    modelSays('A sign.');

    const answer = textOf(await ask(turn([text('Spell it out, please'), picture()])));

    expect(answer).toBe('**Text in the picture**\n\n> 海阔天空  \n> OPEN 24 HOURS\n\nA sign.');
  });

  it('is not asked for when words decide', async () => {
    await ask(turn([text('这张发票多少钱？'), picture()]));

    expect(script.requests(classify)).toEqual([]);
  });

  it('below its threshold is none', async () => {
    script.classify = async () => nearest('small-talk', 0.2);
    modelSays('Hi.');

    expect((await ask(turn('嗨')))[0]).toMatchObject({ rule: 'anything-else' });
  });

  it.each([
    new DomainError('model_not_available', 'none'),
    new DomainError('model_loading', 'soon'),
    new DomainError('overloaded', 'later'),
    new Error('a bug'),
  ])('fails no turn: %s', async (error) => {
    script.classify = async () => {
      throw error;
    };
    modelSays('Hi.');

    const parts = await ask(turn('嗨'));

    expect(parts[0]).toMatchObject({ pipeline: 'chat', rule: 'anything-else' });
    expect(textOf(parts)).toBe('Hi.');
  });

  it('is not waited for, and for a while not asked for, when the answer comes too late', async () => {
    script.classify = (_request, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    modelSays('Hi.');

    const from = performance.now();
    const first = await ask(turn('嗨'));
    const second = await ask(turn('嗨'));

    expect(performance.now() - from).toBeLessThan(5_000);
    expect([first[0], second[0]]).toMatchObject([{ rule: 'anything-else' }, { rule: 'anything-else' }]);
    expect(script.requests(classify)).toHaveLength(1);
  });
});
