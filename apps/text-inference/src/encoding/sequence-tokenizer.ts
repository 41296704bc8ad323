import { Tokenizer } from '@huggingface/tokenizers';
import { DomainError } from '@trivium/contracts';
import { longestFirst } from './longest-first.js';

/** Token ids as a model takes them, special tokens included. */
export interface Sequence {
  readonly ids: readonly number[];
  /** Which of two texts each token belongs to; absent: all of them to the one there is. */
  readonly types?: readonly number[] | undefined;
}

/** Special tokens around one text or two, as the tokenizer's post-processor puts them there. */
interface Frame {
  readonly before: readonly number[];
  readonly between: readonly number[];
  readonly after: readonly number[];
  /** Of each of the five stretches: before, first text, between, second text, after. */
  readonly types: readonly [number, number, number, number, number];
}

/** Longer texts are read piece by piece, so that one that is far too long is not read to its end. */
const PIECE_CHARACTERS = 4_096;
/** A word that every vocabulary can spell. */
const PROBE = ['a', 'b'] as const;

/** Turns texts into sequences of at most `maxTokens` ids. Immutable; calls run on the calling thread. */
export class SequenceTokenizer {
  readonly #tokenizer: Tokenizer;
  readonly #single: Frame;
  readonly #pair: Frame;
  #vocabulary: number | undefined;

  /** Throws `model_not_available` when the tokenizer's file is of a kind that is not known. */
  constructor(
    model: string,
    tokenizer: object,
    config: object,
    readonly maxTokens: number,
  ) {
    try {
      this.#tokenizer = new Tokenizer(tokenizer, config);
      this.#single = this.#probe(undefined);
      this.#pair = this.#probe(PROBE[1]);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new DomainError('model_not_available', `tokenizer.json of ${model} cannot be used: ${why}`, {
        param: 'model',
        cause,
      });
    }
  }

  /** Ids that the tokenizer itself can make are below this. */
  get vocabulary(): number {
    return (this.#vocabulary ??= this.#tokenizer.get_vocab().size);
  }

  /** Undefined: the text has more tokens than the model takes, and is not to be cut. */
  one(text: string, truncate: boolean): Sequence | undefined {
    const { before, after } = this.#single;
    const room = Math.max(0, this.maxTokens - before.length - after.length);
    const content = this.#content(text, room);
    if (content.length > room && !truncate) return undefined;
    return { ids: [...before, ...content.slice(0, room), ...after] };
  }

  /** The same for a pair; when it must be cut, the longer text gives first. */
  pair(first: string, second: string, truncate: boolean): Sequence | undefined {
    const { before, between, after, types } = this.#pair;
    const room = Math.max(0, this.maxTokens - before.length - between.length - after.length);
    const one = this.#content(first, room);
    const other = this.#content(second, room);
    if (one.length + other.length > room && !truncate) return undefined;
    const [keptOne, keptOther] = longestFirst(one.length, other.length, room);
    const stretches = [before, one.slice(0, keptOne), between, other.slice(0, keptOther), after];
    return {
      ids: stretches.flat(),
      types: stretches.flatMap((stretch, index) => new Array<number>(stretch.length).fill(types[index] ?? 0)),
    };
  }

  /** Without special tokens; one more than `most` is enough for whoever asks. */
  #content(text: string, most: number): number[] {
    if (text.length <= PIECE_CHARACTERS) return this.#ids(text);
    const ids: number[] = [];
    for (const piece of piecesOf(text)) {
      for (const id of this.#ids(piece)) ids.push(id);
      if (ids.length > most) break;
    }
    return ids;
  }

  #ids(text: string): number[] {
    return this.#tokenizer.encode(text, { add_special_tokens: false }).ids;
  }

  /** Where the special tokens stand is read off one example: post-processors come in many shapes. */
  #probe(second: string | undefined): Frame {
    const whole = this.#tokenizer.encode(PROBE[0], {
      ...(second === undefined ? {} : { text_pair: second }),
      return_token_type_ids: true,
    });
    const { ids } = whole;
    const types = (whole as { token_type_ids?: number[] }).token_type_ids ?? [];
    const first = this.#ids(PROBE[0]);
    const from = find(ids, first, 0);
    const to = from + first.length;
    // @NOTE the library numbers the second text 1 here, where the reference has one type and models one row for it
    const oneType = this.#tokenizer.post_processor?.config.type === 'RobertaProcessing';
    const typeAt = (index: number): number => (oneType ? 0 : (types[index] ?? 0));
    const none = { between: [], after: ids.slice(to), types: [0, 0, 0, 0, 0] as const };
    if (second === undefined) return { before: ids.slice(0, from), ...none };
    const other = this.#ids(second);
    const start = find(ids, other, to);
    const end = start + other.length;
    return {
      before: ids.slice(0, from),
      between: ids.slice(to, start),
      after: ids.slice(end),
      types: [typeAt(0), typeAt(from), typeAt(to), typeAt(start), typeAt(ids.length - 1)],
    };
  }
}

function find(ids: readonly number[], wanted: readonly number[], from: number): number {
  for (let at = from; at + wanted.length <= ids.length; at += 1) {
    if (wanted.every((id, index) => ids[at + index] === id)) return at;
  }
  throw new Error('its post-processor changes more than special tokens');
}

/** Cut before single spaces only, where every kind of tokenizer starts a word anyway. */
function* piecesOf(text: string): Generator<string, void, undefined> {
  const border = /(?<=\S) (?=\S)/gu;
  let from = 0;
  while (text.length - from > PIECE_CHARACTERS) {
    border.lastIndex = from + PIECE_CHARACTERS;
    const found = border.exec(text);
    if (found === null) break;
    yield text.slice(from, found.index);
    from = found.index;
  }
  yield text.slice(from);
}
