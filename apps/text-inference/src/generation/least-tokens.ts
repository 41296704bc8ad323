import type { GenerateRequest } from '@trivium/contracts/generate';

/** What no tokenizer cuts across: words, digits, Han; marks and white space may join their neighbours. */
const RUNS = /\p{Script=Han}+|[[\p{L}\p{M}]--\p{Script=Han}]+|\p{Nd}+/gv;
/** Longest piece of Han, or of a word, that is one token of a public vocabulary, with room to spare. */
const LONGEST_HAN = 8;
const LONGEST_WORD = 32;

/**
 * A number of tokens that the prompt has in any case. It lies far below the true number: it serves to see
 * what can certainly not fit, not to count.
 */
export function leastTokens({ messages, tools }: Pick<GenerateRequest, 'messages' | 'tools'>): number {
  let least = 0;
  for (const { content, toolCalls } of messages) {
    for (const part of content) if (part.type === 'text') least += leastTokensOf(part.text);
    for (const call of toolCalls ?? []) least += leastTokensOf(call.arguments);
  }
  return tools === undefined ? least : least + leastTokensOf(JSON.stringify(tools));
}

function leastTokensOf(text: string): number {
  let least = 0;
  for (const [run] of text.matchAll(RUNS)) {
    const longest = /^\p{Script=Han}/u.test(run) ? LONGEST_HAN : LONGEST_WORD;
    least += Math.ceil(run.length / longest);
  }
  return least;
}
