import { once } from 'node:events';
import { DomainError } from '@trivium/contracts';
import type OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { routeDecided, saying, turnEnd } from './fake-services.js';
import { type RunningGateway, startGateway } from './running-gateway.js';

const MESSAGES: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Hi' }];
const HELLO = { model: 'trivium', messages: MESSAGES };

let gateway: RunningGateway;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});
beforeEach(() => {
  gateway.services.turn = saying('Hello', ' there');
  gateway.services.turns.length = 0;
});

describe('several choices', () => {
  /** Says its seed in two pieces, the second once all choices have said the first. */
  function meetingChoices(count: number): void {
    const met = Promise.withResolvers<void>();
    let here = 0;
    gateway.services.turn = async function* ({ sampling }) {
      yield routeDecided;
      yield { type: 'text-delta', text: `${sampling.seed}` };
      if ((here += 1) === count) met.resolve();
      await met.promise;
      yield { type: 'text-delta', text: '!' };
      yield turnEnd();
    };
  }

  it('are made side by side, each from a seed of its own', async () => {
    meetingChoices(3);
    const completion = await gateway.client.chat.completions.create({ ...HELLO, n: 3, seed: 7 });

    expect(completion.choices.map(({ index, message }) => [index, message.content])).toEqual([
      [0, '7!'],
      [1, '8!'],
      [2, '9!'],
    ]);
    expect(completion.usage).toEqual({ prompt_tokens: 11, completion_tokens: 21, total_tokens: 32 });
  });

  it('are streamed as they come, with one end', async () => {
    meetingChoices(8);
    const stream = await gateway.client.chat.completions.create({ ...HELLO, n: 8, seed: 7, stream: true });
    const said = new Map<number, string>();
    const ends: string[] = [];
    for await (const { choices } of stream) {
      const choice = choices[0];
      if (!choice) continue;
      said.set(choice.index, (said.get(choice.index) ?? '') + (choice.delta.content ?? ''));
      if (choice.finish_reason) ends.push(choice.finish_reason);
    }

    expect([...said].toSorted(([one], [other]) => one - other).map(([, text]) => text)).toEqual(
      Array.from({ length: 8 }, (_, index) => `${7 + index}!`),
    );
    expect(ends).toEqual(Array.from({ length: 8 }, () => 'stop'));
  });

  it.each([false, true])('fail together when one fails, and the others stop (stream: %s)', async (stream) => {
    const stopped: Promise<unknown>[] = [];
    gateway.services.turn = async function* ({ sampling }, { signal }) {
      yield routeDecided;
      if (sampling.seed === 2)
        throw new DomainError('overloaded', 'Too much.', { param: 'sampling.maxTokens' });
      stopped.push(once(signal, 'abort'));
      await stopped.at(-1);
      yield turnEnd();
    };
    const response = await gateway.post('/v1/chat/completions', {
      ...HELLO,
      n: 3,
      seed: 1,
      stream,
      max_completion_tokens: 5,
    });

    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      error: { code: 'overloaded', param: 'max_completion_tokens' },
    });
    await Promise.all(stopped);
  });

  it('stop when the client leaves', async () => {
    const left: Promise<unknown>[] = [];
    gateway.services.turn = async function* (_request, { signal }) {
      left.push(once(signal, 'abort'));
      yield routeDecided;
      yield { type: 'text-delta', text: 'first' };
      await left.at(-1);
      yield turnEnd();
    };
    const stream = await gateway.client.chat.completions.create({ ...HELLO, n: 2, stream: true });
    let firsts = 0;
    for await (const chunk of stream) {
      if (chunk.choices[0]?.delta.content === 'first') firsts += 1;
      if (firsts === 2) break;
    }

    expect(await Promise.all(left)).toHaveLength(2);
  });
});

describe('the probabilities of tokens', () => {
  const LOGPROBS = [
    {
      token: '你',
      logprob: -0.25,
      bytes: [228, 189, 160],
      top: [{ token: '您', logprob: -2, bytes: [230, 130, 168] }],
    },
  ];
  const CONTENT = [
    {
      token: '你',
      logprob: -0.25,
      bytes: [228, 189, 160],
      top_logprobs: [{ token: '您', logprob: -2, bytes: [230, 130, 168] }],
    },
  ];

  beforeEach(() => {
    gateway.services.turn = async function* () {
      yield routeDecided;
      yield { type: 'text-delta', text: '你', logprobs: LOGPROBS };
      yield turnEnd();
    };
  });

  it('come with the whole answer and with a stream', async () => {
    const whole = await gateway.client.chat.completions.create({ ...HELLO, logprobs: true, top_logprobs: 1 });
    const streamed = await gateway.client.chat.completions
      .stream({ ...HELLO, logprobs: true })
      .finalChatCompletion();

    expect(whole.choices[0]?.logprobs?.content).toEqual(CONTENT);
    expect(streamed.choices[0]?.logprobs?.content).toEqual(CONTENT);
    expect(gateway.services.turns.map(({ sampling }) => sampling.topLogprobs)).toEqual([1, 0]);
  });

  it('are left out when nobody asked', async () => {
    gateway.services.turn = saying('hi');
    const completion = await gateway.client.chat.completions.create(HELLO);

    expect(completion.choices[0]?.logprobs).toBeNull();
    expect(gateway.services.turns[0]?.sampling).not.toHaveProperty('topLogprobs');
  });
});
