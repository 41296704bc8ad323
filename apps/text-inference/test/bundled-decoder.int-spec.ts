import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Message } from '@trivium/contracts/content';
import type { Tool } from '@trivium/contracts/generate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalDecoder } from '../dist/decoding/local-decoder.js';
import { ChatPrompt } from '../dist/prompting/chat-prompt.js';
import { TextTokenizer } from '../dist/prompting/text-tokenizer.js';
import { greedy, openDecoder, write } from './decoder-scene.js';

const PACK = new URL('../../../models/trivium-mini-chat/', import.meta.url);

/** What PyTorch does with the weights of the fp16 file: written by evaluate.py of the recipe. */
interface Golden {
  readonly messages: readonly { readonly role: Message['role']; readonly content: string }[];
  readonly tools: readonly { readonly function: Tool }[] | null;
  readonly prompt: readonly number[];
  /** Greedily chosen, the end mark included where it came within 48 tokens. */
  readonly tokens: readonly number[];
}

const text = (name: string): string => readFileSync(new URL(name, PACK), 'utf8');
const parsed = (name: string): unknown => JSON.parse(text(name));
const golden = text('golden.jsonl')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Golden);
const MOST = 48;

let decoder: LocalDecoder;
beforeAll(async () => {
  const folder = new URL('1/', PACK);
  const files = Object.fromEntries(
    readdirSync(folder).map((name) => {
      const bytes = readFileSync(new URL(name, folder));
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      return [name, { sha256, bytes: bytes.byteLength }] as const;
    }),
  );
  decoder = await openDecoder(fileURLToPath(folder), files, 'fp16');
});
afterAll(() => decoder[Symbol.asyncDispose]());

describe('the bundled decoder, against PyTorch', () => {
  it('has fifty prompts to be compared on, in both languages', () => {
    expect(golden.length).toBeGreaterThanOrEqual(50);
    const asked = golden.map(({ messages }) => messages.at(-1)?.content ?? '');
    expect(asked.filter((words) => /[\u4e00-\u9fff]/.test(words)).length).toBeGreaterThan(10);
    expect(asked.filter((words) => !/[\u4e00-\u9fff]/.test(words)).length).toBeGreaterThan(10);
  });

  it('makes the same prompts of the conversations', () => {
    const config = parsed('1/tokenizer_config.json');
    const tokenizer = TextTokenizer.load(parsed('1/tokenizer.json'), config);
    const prompts = ChatPrompt.load(config, undefined);
    for (const { messages, tools, prompt } of golden) {
      const request = {
        messages: messages.map(({ role, content }) => ({
          role,
          content: [{ type: 'text' as const, text: content }],
        })),
        tools: tools?.map((tool) => tool.function),
      };
      expect(prompts.tokens(request, tokenizer)).toEqual(prompt);
    }
  });

  it('chooses the same tokens, one after the other and all at once', async () => {
    const starts = golden.map(({ prompt }, index) => greedy(prompt, MOST, { owner: `golden-${index}` }));
    const alone: (readonly number[])[] = [];
    for (const start of starts) alone.push((await write(decoder, start)).ids);
    const together = await Promise.all(
      starts.map((start) => write(decoder, { ...start, owner: `${start.owner}-again` })),
    );

    const { eos_token_id: end } = parsed('1/generation_config.json') as { readonly eos_token_id: number };
    golden.forEach(({ tokens }, index) => {
      // The end mark ends a sequence and is not handed out.
      expect(alone[index]).toEqual(tokens.filter((token) => token !== end));
    });
    expect(together.map(({ ids }) => ids)).toEqual(alone);
  });
});
