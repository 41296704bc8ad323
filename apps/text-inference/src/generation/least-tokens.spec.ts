import { GenerateRequest } from '@trivium/contracts/generate';
import { expect, it } from 'vitest';
import { leastTokens } from './least-tokens.js';

const least = (text: string): number =>
  leastTokens(GenerateRequest.parse({ messages: [{ role: 'user', content: [{ type: 'text', text }] }] }));

it.each([
  ['nothing', '', 0],
  ['words and numbers', 'a total of 1130 yuan', 5],
  ['Han, eight characters a token at most', '价税合计是多少元整', 2],
  ['white space and marks, which may belong to their neighbours', '  ,,, \n\n --- ', 0],
  ['one word without end', 'x'.repeat(320), 10],
])('stays below what any tokenizer makes: %s', (_what, text, expected) => {
  expect(least(text)).toBe(expected);
});

it('counts tools and the arguments of calls too', () => {
  const request = GenerateRequest.parse({
    messages: [{ role: 'assistant', content: [], toolCalls: [{ id: 'c', name: 'f', arguments: '{"a":1}' }] }],
    tools: [{ name: 'weather' }],
  });

  expect(leastTokens(request)).toBe(4);
});
