import { z } from 'zod';

export interface TokenVocabulary {
  /** One more than the greatest id. */
  readonly size: number;
  /** UTF-8 of a token, maybe a part of a character; empty for special tokens and for ids that are none. */
  bytesOf(id: number): Uint8Array;
  /** How `tokens` writes bytes. */
  readonly encoding: 'byte_level' | 'byte_fallback' | 'raw';
  /** As tokenizer.json writes them, by id; empty where an id has none. */
  readonly tokens: readonly string[];
  /** Spaces that a text loses at its very beginning, where the decoder strips them; absent: none. */
  readonly leadingSpaces?: number;
}

const step = z.looseObject({ type: z.string() });
const Steps = step.extend({
  decoders: z.array(step).optional(),
  pretokenizers: z.array(step).optional(),
});

const TokenizerFile = z.looseObject({
  model: z.looseObject({
    /** Token to id, or as Unigram writes it: token and score by id. */
    vocab: z.union([z.record(z.string(), z.int().nonnegative()), z.array(z.tuple([z.string(), z.number()]))]),
    byte_fallback: z.boolean().nullish(),
  }),
  added_tokens: z
    .array(
      z.looseObject({ id: z.int().nonnegative(), content: z.string(), special: z.boolean().default(false) }),
    )
    .default([]),
  decoder: Steps.nullish(),
  pre_tokenizer: Steps.nullish(),
});
type TokenizerFile = z.output<typeof TokenizerFile>;

/** No known vocabulary comes near; a file that claims a greater id is broken. */
const MAX_TOKENS = 4_000_000;
const NOTHING = new Uint8Array(0);

/** From a parsed tokenizer.json of the Hugging Face `tokenizers` library. Throws where it is none. */
export function tokenVocabulary(tokenizerJson: unknown): TokenVocabulary {
  const read = TokenizerFile.safeParse(tokenizerJson);
  if (!read.success) throw new Error(`tokenizer.json cannot be read: ${z.prettifyError(read.error)}`);
  const file = read.data;
  const { vocab } = file.model;
  const pairs = Array.isArray(vocab)
    ? vocab.map(([token], id) => [token, id] as const)
    : Object.entries(vocab);
  const added = file.added_tokens;
  const size =
    1 + [...pairs.map(([, id]) => id), ...added.map(({ id }) => id)].reduce((a, b) => Math.max(a, b), -1);
  if (size > MAX_TOKENS) throw new Error(`tokenizer.json has a token with id ${String(size - 1)}`);

  const encoding = encodingOf(file);
  const tokens = Array.from({ length: size }, () => '');
  const bytes = Array.from({ length: size }, () => NOTHING);
  const toBytes = { byte_level: fromByteLevel, byte_fallback: fromByteFallback, raw: fromText }[encoding];
  for (const [token, id] of pairs) {
    tokens[id] = token;
    bytes[id] = toBytes(token);
  }
  for (const { id, content, special } of added) {
    tokens[id] = content;
    bytes[id] = special ? NOTHING : fromText(content);
  }
  return {
    size,
    encoding,
    tokens,
    leadingSpaces: leadingSpaces(file),
    bytesOf: (id) => bytes[id] ?? NOTHING,
  };
}

function encodingOf(file: TokenizerFile): TokenVocabulary['encoding'] {
  const types = [...stepsOf(file.decoder), ...stepsOf(file.pre_tokenizer)].map(({ type }) => type);
  if (types.includes('ByteLevel')) return 'byte_level';
  const pieces =
    file.model.byte_fallback === true || types.includes('ByteFallback') || types.includes('Metaspace');
  return pieces ? 'byte_fallback' : 'raw';
}

function stepsOf(steps: z.output<typeof Steps> | null | undefined): z.output<typeof step>[] {
  return steps ? [steps, ...(steps.decoders ?? []), ...(steps.pretokenizers ?? [])] : [];
}

function leadingSpaces(file: TokenizerFile): number {
  for (const decoder of stepsOf(file.decoder)) {
    if (decoder.type === 'Strip' && decoder['content'] === ' ') return Number(decoder['start'] ?? 0);
    if (decoder.type !== 'Metaspace') continue;
    return decoder['prepend_scheme'] === 'never' || decoder['add_prefix_space'] === false ? 0 : 1;
  }
  return 0;
}

/** `bytes_to_unicode` of GPT-2: bytes that print stand for themselves, the others for U+0100 and on. */
const BYTE_OF_CHAR = byteOfChar();

function byteOfChar(): ReadonlyMap<string, number> {
  const map = new Map<string, number>();
  let next = 0x100;
  for (let byte = 0; byte < 256; byte += 1) {
    const prints = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);
    map.set(String.fromCodePoint(prints ? byte : next), byte);
    if (!prints) next += 1;
  }
  return map;
}

function fromText(token: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(token);
}

function fromByteLevel(token: string): Uint8Array<ArrayBuffer> {
  const bytes = [...token].flatMap((char) => BYTE_OF_CHAR.get(char) ?? [...fromText(char)]);
  return Uint8Array.from(bytes);
}

function fromByteFallback(token: string): Uint8Array<ArrayBuffer> {
  const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(token)?.[1];
  return byte === undefined
    ? fromText(token.replaceAll('\u2581', ' '))
    : Uint8Array.of(Number.parseInt(byte, 16));
}
