import { expect, it } from 'vitest';
import { type ItemRow, toItem } from './read-items.js';

const row = (overrides: Partial<ItemRow> = {}): ItemRow => ({
  id: 'msg_1',
  sequence: 3,
  responseId: null,
  role: 'user',
  status: 'completed',
  toolCallId: null,
  createdAt: 1_763_700_000,
  parts: null,
  toolCalls: null,
  artifacts: null,
  ...overrides,
});

it('leaves out what the item does not have', () => {
  expect(toItem(row())).toEqual({
    id: 'msg_1',
    sequence: 3,
    responseId: null,
    role: 'user',
    status: 'completed',
    createdAt: 1_763_700_000,
    parts: [],
  });
});

it('gives each part the fields of its type alone', () => {
  const nothing = { text: null, fileId: null, filename: null };

  const { parts } = toItem(
    row({
      parts: [
        { ...nothing, type: 'text', text: 'hello' },
        { ...nothing, type: 'image', fileId: 'file_1' },
        { ...nothing, type: 'file', fileId: 'file_2', filename: 'a.pdf' },
      ],
    }),
  );

  expect(parts).toEqual([
    { type: 'text', text: 'hello' },
    { type: 'image', fileId: 'file_1' },
    { type: 'file', fileId: 'file_2', filename: 'a.pdf' },
  ]);
});

it('keeps tool calls, the call answered and readings', () => {
  const item = toItem(
    row({
      role: 'tool',
      toolCallId: 'call_1',
      toolCalls: [{ id: 'call_2', name: 'sum', arguments: '{}' }],
      artifacts: [{ kind: 'invoice', fileId: null, data: { total: 1 } }],
    }),
  );

  expect(item).toMatchObject({
    toolCallId: 'call_1',
    toolCalls: [{ id: 'call_2', name: 'sum', arguments: '{}' }],
    artifacts: [{ kind: 'invoice', fileId: null, data: { total: 1 } }],
  });
});
