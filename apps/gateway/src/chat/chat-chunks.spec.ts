import type { SpokenPart } from '../converse/converse.js';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { ChoicePart } from '../converse/side-by-side.js';
import { ChatCompletionChunk } from './chat-completion.js';
import { chatChunks } from './chat-chunks.js';

const END: SpokenPart = {
  type: 'turn-end',
  reason: 'stop',
  usage: { inputTokens: 1, outputTokens: 2 },
  model: 'm',
  itemIds: [],
};

async function frames(parts: SpokenPart[], includeUsage = false): Promise<string[]> {
  return framesOf(
    parts.map((part) => ({ choice: 0, part })),
    1,
    includeUsage,
  );
}

async function framesOf(parts: ChoicePart[], choices: number, includeUsage = false): Promise<string[]> {
  const all: string[] = [];
  const head = { id: 'chatcmpl-1', created: 5, model: 'trivium', choices, includeUsage };
  for await (const frame of chatChunks(from(parts), head)) all.push(frame);
  return all;
}

async function* from(parts: ChoicePart[]): AsyncGenerator<ChoicePart> {
  yield* parts;
}

function chunkOf(frame: string | undefined): z.output<typeof ChatCompletionChunk> {
  return ChatCompletionChunk.parse(JSON.parse(frame?.slice('data: '.length) ?? ''));
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

  it('names the choice of every chunk, and counts the one prompt of all choices once', async () => {
    const all = await framesOf(
      [
        { choice: 1, part: { type: 'text-delta', text: 'b' } },
        { choice: 0, part: { type: 'text-delta', text: 'a' } },
        { choice: 1, part: END },
        { choice: 0, part: END },
      ],
      2,
      true,
    );
    const chunks = all.slice(0, -1).map(chunkOf);

    expect(chunks.map(({ choices }) => choices[0]?.index)).toEqual([1, 1, 0, 0, 1, 0, undefined]);
    expect(chunks.at(-1)?.usage).toEqual({ prompt_tokens: 1, completion_tokens: 4, total_tokens: 5 });
    expect(all.at(-1)).toBe('data: [DONE]\n\n');
  });

  it('is not done before every choice is', async () => {
    const all = await framesOf([{ choice: 0, part: END }], 2);

    expect(all.join('')).not.toContain('[DONE]');
  });

  it('has the probabilities of tokens beside their text', async () => {
    const logprobs = [
      { token: 'x', logprob: -0.5, bytes: [120], top: [{ token: 'y', logprob: -1, bytes: [121] }] },
    ];
    const [, delta] = await frames([{ type: 'text-delta', text: 'x', logprobs }, END]);

    expect(chunkOf(delta).choices[0]?.logprobs).toEqual({
      content: [
        {
          token: 'x',
          logprob: -0.5,
          bytes: [120],
          top_logprobs: [{ token: 'y', logprob: -1, bytes: [121] }],
        },
      ],
      refusal: null,
    });
  });
});
