import { expect, it } from 'vitest';
import { brokenTextPath } from './well-formed.js';

it.each([
  ['whole characters', { messages: [{ content: '发票 😀 \u{10ffff}' }], n: 1, stop: null }, undefined],
  ['a high half', { messages: [{ content: 'a\ud83d' }] }, ['messages', 0, 'content']],
  ['a low half', { stop: ['x', '\udc00'] }, ['stop', 1]],
  ['halves in the wrong order', ['\ude00\ud83d'], [0]],
  ['a key', { tools: [{ parameters: { '\ud83d': 1 } }] }, ['tools', 0, 'parameters']],
  ['the first of several', { a: 'x\ud83d', b: '\ud83d' }, ['a']],
  ['no text', 5, undefined],
])('finds %s', (_what, json, path) => {
  expect(brokenTextPath(json)).toEqual(path);
});

it('does not mind how deep it lies', () => {
  let json: unknown = '\ud83d';
  for (let depth = 0; depth < 100_000; depth += 1) json = [json];

  expect(brokenTextPath(json)).toHaveLength(100_000);
});
