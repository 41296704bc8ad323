import type { ConversePart } from '@trivium/contracts/router';
import { describe, expect, it } from 'vitest';
import { ChatCompletionChunk } from './chat-completion.js';
import { chatChunks } from './chat-chunks.js';

const END: ConversePart = {
  type: 'turn-end',
  reason: 'stop',
  usage: { inputTokens: 1, outputTokens: 2 },
  model: 'm',
  itemIds: [],
};

async function frames(parts: ConversePart[], includeUsage = false): Promise<string[]> {
  const all: string[] = [];
  const head = { id: 'chatcmpl-1', created: 5, model: 'trivium', includeUsage };
  for await (const frame of chatChunks(from(parts), head)) all.push(frame);
  return all;
}

async function* from(parts: ConversePart[]): AsyncGenerator<ConversePart> {
  yield* parts;
}

describe('chatChunks', () => {
  it('writes text that JSON and event streams would trip over', async () => {
    const text = 'a "quote"\n\ndata: [DONE]\n\u2028 发票';
    const [, delta] = await frames([{ type: 'text-delta', text }, END]);

    expect(delta?.split('\n\n')).toHaveLength(2);
    const chunk = ChatCompletionChunk.parse(JSON.parse(delta?.slice('data: '.length) ?? ''));
    expect(chunk.choices[0]?.delta.content).toBe(text);
  });

  it('opens with the role and closes with the reason and [DONE], even when nothing is said', async () => {
    const all = await frames([END]);

    expect(all).toHaveLength(3);
    expect(all[0]).toContain('"role":"assistant"');
    expect(all[1]).toContain('"finish_reason":"stop"');
    expect(all[2]).toBe('data: [DONE]\n\n');
    expect(all.join('')).not.toContain('usage');
  });

  it('has usage null on every chunk but the last when usage is asked for', async () => {
    const all = await frames([{ type: 'text-delta', text: 'x' }, END], true);

    expect(all.slice(0, 3).every((frame) => frame.includes('"usage":null'))).toBe(true);
    expect(all[3]).toContain(
      '"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}',
    );
  });
});
