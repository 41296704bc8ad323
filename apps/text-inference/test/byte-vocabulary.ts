import type { ConstraintVocabulary, TokenConstraint } from '../src/structure/token-constraint.js';

const MERGED = [
  '{"',
  '": "',
  '", "',
  '":',
  '"}',
  '},',
  ' "',
  ', ',
  'name',
  'arguments',
  'true',
  'false',
  'null',
  '你好',
  '上海',
  '12',
  '\n\n',
  '[]',
];
const SPECIAL = ['<tool_call>', '</tool_call>', '<|endoftext|>', '<|im_end|>', ''] as const;
export const STOP = 256 + MERGED.length + SPECIAL.indexOf('<|im_end|>');

/** How GPT-2 spells each byte: printable ones as they are, others from U+0100 on. */
const SPELLING: readonly string[] = (() => {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    return String.fromCharCode(printable ? byte : next++);
  });
})();

const TEXTS: readonly Buffer[] = [
  ...Array.from({ length: 256 }, (_, byte) => Buffer.of(byte)),
  ...[...MERGED, ...SPECIAL].map((text) => Buffer.from(text)),
];

/** All bytes, some merges, and special tokens; the model has more logits than there are tokens. */
export const VOCABULARY: ConstraintVocabulary = {
  tokens: [
    ...[...TEXTS.slice(0, 256 + MERGED.length)].map((bytes) =>
      [...bytes].map((byte) => SPELLING[byte]).join(''),
    ),
    ...SPECIAL,
  ],
  encoding: 'byte_level',
  size: TEXTS.length + 37,
  stopTokens: [STOP],
};

export function textOf(tokens: readonly number[]): string {
  return Buffer.concat(
    tokens.filter((token) => token !== STOP).map((token) => TEXTS[token] ?? Buffer.of()),
  ).toString();
}

/** The same numbers for the same seed, in [0, 1). mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export async function allowedTokens(constraint: TokenConstraint): Promise<number[]> {
  const mask = await constraint.allowed();
  const all = Array.from({ length: VOCABULARY.size }, (_, id) => id);
  return mask === undefined ? all : all.filter((id) => ((mask[id >>> 5] ?? 0) >>> (id & 31)) & 1);
}

function isUtf8(tokens: readonly number[]): boolean {
  const bytes = Buffer.concat(tokens.map((token) => TEXTS[token] ?? Buffer.of()));
  const start = bytes.findIndex((byte) => byte < 0x80 || byte >= 0xc0);
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(Math.max(0, start)), { stream: true });
    return true;
  } catch {
    return false;
  }
}

/**
 * A random walk under the mask until a stop token. Tokens that end something are drawn more often the
 * longer it gets, so that it ends.
 */
export async function sample(
  constraint: TokenConstraint,
  random: () => number,
  most = 4000,
): Promise<string> {
  const tokens: number[] = [];
  while (!constraint.terminated) {
    if (tokens.length >= most) throw new Error(`it does not end: ${textOf(tokens.slice(-200))}`);
    // a grammar takes bytes of characters as they come; that they make characters is the model's part
    const allowed = (await allowedTokens(constraint)).filter((id) => isUtf8([...tokens.slice(-4), id]));
    const ending = allowed.filter((id) => id === STOP || '"]}'.includes(textOf([id]) || '#'));
    const hurry = ending.length > 0 && random() < 0.1 + tokens.length / 300;
    const from = hurry ? ending : allowed;
    const token = from[Math.floor(random() * from.length)];
    if (token === undefined) throw new Error('nothing is allowed');
    constraint.accept(token);
    tokens.push(token);
  }
  return textOf(tokens);
}

/** Whether the constraint lets `text` through, byte by byte, and may end there. */
export async function lets(constraint: TokenConstraint, text: string): Promise<boolean> {
  for (const byte of Buffer.from(text)) {
    const allowed = await allowedTokens(constraint);
    if (!allowed.includes(byte)) return false;
    constraint.accept(byte);
  }
  return (await allowedTokens(constraint)).includes(STOP);
}
