import { describe, expect, it } from 'vitest';
import type { RawPart } from '../catalogue/text-model.js';
import { ToolCallReader } from './tool-call-reader.js';

interface Read {
  text: string;
  calls: { name: string | undefined; arguments: string }[];
}

function read(pieces: readonly string[]): Read {
  const reader = new ToolCallReader();
  const parts: RawPart[] = [...pieces.flatMap((piece) => reader.push(piece)), ...reader.flush()];
  const all: Read = { text: '', calls: [] };
  for (const part of parts) {
    if (part.type === 'text') all.text += part.text;
    if (part.type !== 'tool-call-delta') continue;
    if (part.id !== undefined) {
      expect(part.id).toMatch(/^call_[\w-]{24}$/);
      expect(part.index).toBe(all.calls.length);
      all.calls.push({ name: part.name, arguments: '' });
    }
    const call = all.calls[part.index];
    if (call !== undefined) call.arguments += part.arguments ?? '';
  }
  return all;
}

const NOW = '<tool_call>{"name": "now", "arguments": {}}</tool_call>';
const CASES: readonly (readonly [string, string, Read])[] = [
  ['text alone', 'Hi  there <tool> <', { text: 'Hi  there <tool> <', calls: [] }],
  ['one call', NOW, { text: '', calls: [{ name: 'now', arguments: '{}' }] }],
  [
    'text, then Qwen’s form, twice',
    '我查一下。\n<tool_call>\n{"name": "weather", "arguments": {"city": "上海", "note": "a } \\" </tool_call> {"}}\n</tool_call>\n<tool_call>\n{"name": "now", "arguments": {"a": [{"b": 1}]}}\n</tool_call>',
    {
      text: '我查一下。',
      calls: [
        { name: 'weather', arguments: '{"city": "上海", "note": "a } \\" </tool_call> {"}' },
        { name: 'now', arguments: '{"a": [{"b": 1}]}' },
      ],
    },
  ],
  ['text after a call', `${NOW}\n done `, { text: 'done ', calls: [{ name: 'now', arguments: '{}' }] }],
  [
    'arguments that are no object',
    '<tool_call>{"name": "f", "arguments": 12}</tool_call>',
    { text: '', calls: [{ name: 'f', arguments: '12' }] },
  ],
  [
    'a call that is cut in its head',
    'so <tool_call>{"name": "no',
    { text: 'so<tool_call>{"name": "no', calls: [] },
  ],
  [
    'a call that is cut in its arguments',
    '<tool_call>{"name": "f", "arguments": {"a": "b',
    { text: '', calls: [{ name: 'f', arguments: '{"a": "b' }] },
  ],
  [
    'a call that is none',
    '<tool_call>hello</tool_call> you',
    { text: '<tool_call>hello</tool_call> you', calls: [] },
  ],
  [
    'an end that is none',
    '<tool_call>{"name": "f", "arguments": {}, "x": 1}</tool_call>',
    { text: '', calls: [{ name: 'f', arguments: '{}, "x": 1}' }] },
  ],
];

describe('ToolCallReader', () => {
  it.each(CASES)('reads %s, wherever it is cut', (_what, text, expected) => {
    expect(read([text])).toEqual(expected);
    expect(read([...text])).toEqual(expected);
    for (let at = 1; at < text.length; at += 1) {
      expect(read([text.slice(0, at), text.slice(at)]), `cut at ${at}`).toEqual(expected);
    }
  });

  it('passes arguments on as they come, after id and name', () => {
    const reader = new ToolCallReader();

    expect(reader.push('<tool_call>{"name": "f", "arguments": {"ci')).toMatchObject([
      { type: 'tool-call-delta', index: 0, name: 'f' },
      { type: 'tool-call-delta', index: 0, arguments: '{"ci' },
    ]);
    expect(reader.push('ty": "上')).toEqual([{ type: 'tool-call-delta', index: 0, arguments: 'ty": "上' }]);
    expect(reader.push('海"}}')).toEqual([{ type: 'tool-call-delta', index: 0, arguments: '海"}' }]);
    expect([...reader.push('\n</tool_call>'), ...reader.flush()]).toEqual([]);
  });

  it('gives each call an id of its own', () => {
    const ids = new ToolCallReader().push(NOW + NOW).flatMap((part) => ('id' in part ? [part.id] : []));

    expect(new Set(ids).size).toBe(2);
  });
});
