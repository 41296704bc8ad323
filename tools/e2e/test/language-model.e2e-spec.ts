import { expect, it } from 'vitest';
import { startTestHouse, startUpstream } from '../src/index.js';

const immediately = (): Promise<void> => Promise.resolve();

it('streams a configured upstream word by word and hands on its usage', async () => {
  await using upstream = await startUpstream(['Bonjour', ', ', 'monde', '!'], immediately);
  await using trivium = await startTestHouse({
    TEXT_UPSTREAM_URL: upstream.url,
    TEXT_UPSTREAM_MODEL: 'local-lm',
  });

  const stream = await trivium.client.chat.completions.create({
    model: 'local-lm',
    stream: true,
    stream_options: { include_usage: true },
    temperature: 0.2,
    messages: [{ role: 'user', content: 'hello' }],
  });
  let text = '';
  let usage: unknown;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
    usage = chunk.usage ?? usage;
  }

  expect(text).toBe('Bonjour, monde!');
  expect(usage).toMatchObject({ prompt_tokens: 7, completion_tokens: 4 });
  expect((await trivium.client.models.list()).data.map(({ id }) => id)).toContain('local-lm');
});

it('abandons the upstream when the client leaves', async () => {
  let firstWordSent: () => void = () => undefined;
  const firstWord = new Promise<void>((resolve) => (firstWordSent = resolve));
  await using upstream = await startUpstream(['one ', 'two '], async () => {
    firstWordSent();
    await new Promise<never>(() => undefined);
  });
  await using trivium = await startTestHouse({
    TEXT_UPSTREAM_URL: upstream.url,
    TEXT_UPSTREAM_MODEL: 'local-lm',
  });

  const stream = await trivium.client.chat.completions.create({
    model: 'local-lm',
    stream: true,
    messages: [{ role: 'user', content: 'count' }],
  });
  await firstWord;
  stream.controller.abort();

  await upstream.abandoned;
});
