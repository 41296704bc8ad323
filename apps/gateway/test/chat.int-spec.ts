import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { saying, turnEnd, routeDecided } from './fake-services.js';
import { type RunningGateway, startGateway } from './running-gateway.js';

const HELLO = { model: 'trivium', messages: [{ role: 'user' as const, content: 'Hi' }] };

describe('chat completions', () => {
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

  it('answers as a whole', async () => {
    const completion = await gateway.client.chat.completions.create(HELLO);

    expect(completion.choices[0]?.message.content).toBe('Hello there');
    expect(completion.choices[0]?.finish_reason).toBe('stop');
    expect(completion.usage).toEqual({ prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 });
    expect(completion.model).toBe('fake-model');
  });

  it('streams', async () => {
    const stream = await gateway.client.chat.completions.create({
      ...HELLO,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = await Array.fromAsync(stream);

    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('Hello there');
    expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant');
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 18 } });
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  });

  it('x', () => void [turnEnd, routeDecided]);
});
