import { Tokenizer } from '@huggingface/tokenizers';
import { DomainError } from '@trivium/contracts';
import { z } from 'zod';
import { tokenVocabulary, type TokenVocabulary } from './token-vocabulary.js';

/** A mark that a text may write and that becomes one token. */
export interface AddedToken {
  readonly content: string;
  /** Steers the model and never appears as text. */
  readonly special: boolean;
}

const TokenizerFile = z.looseObject({
  model: z.looseObject({ unk_token: z.string().nullish() }),
  added_tokens: z
    .array(
      z.looseObject({
        id: z.int().nonnegative(),
        content: z.string().min(1),
        special: z.boolean().default(false),
      }),
    )
    .default([]),
});

/** Text to token ids and back, by the files that Hugging Face models publish. */
export class TextTokenizer {
  readonly #tokenizer: Tokenizer;
  readonly #specialIds: ReadonlySet<number>;
  readonly #specialMarks: RegExp;
  readonly vocabulary: TokenVocabulary;
  readonly addedTokens: readonly AddedToken[];

  private constructor(tokenizerJson: unknown, config: object) {
    this.vocabulary = tokenVocabulary(tokenizerJson);
    const file = TokenizerFile.parse(tokenizerJson);
    // Only the exact spelling of a special token counts, as the prompt's guard knows it.
    const added = file.added_tokens.map((token) => (token.special ? { ...token, normalized: false } : token));
    this.#tokenizer = new Tokenizer({ ...file, added_tokens: added }, config);
    this.addedTokens = added.map(({ content, special }) => ({ content, special }));
    // Unknown characters become the token for them, which steers nothing.
    const special = added.filter((token) => token.special && token.content !== file.model.unk_token);
    this.#specialIds = new Set(special.map(({ id }) => id));
    this.#specialMarks = anyOf(special.map(({ content }) => content));
  }

  /** From parsed tokenizer.json and tokenizer_config.json. Throws where they describe no tokenizer. */
  static load(tokenizerJson: unknown, tokenizerConfig: unknown): TextTokenizer {
    return new TextTokenizer(tokenizerJson, z.looseObject({}).parse(tokenizerConfig));
  }

  /**
   * Without special tokens around the text; marks such as `<|im_start|>` in the text become their ids.
   * Throws `invalid_request` where a normalizer makes a special token of other characters (full-width
   * letters, say), which the library takes for the token when nothing else stands beside them.
   */
  encode(text: string): number[] {
    if (text === '') return [];
    const ids: (number | undefined)[] = this.#tokenizer.encode(text, { add_special_tokens: false }).ids;
    // The library gives no id where the vocabulary lacks both a piece and a token for the unknown.
    const known = ids.filter((id) => id !== undefined);
    if (known.length < ids.length) throw new Error('The vocabulary cannot write the whole text');
    const special = known.filter((id) => this.#specialIds.has(id)).length;
    if (special > 0 && special > (text.match(this.#specialMarks)?.length ?? 0)) {
      throw new DomainError(
        'invalid_request',
        'The text writes a special token of the model in other characters',
        {
          param: 'messages',
        },
      );
    }
    return known;
  }

  idOf(token: string): number | undefined {
    return this.#tokenizer.token_to_id(token);
  }
}

/** The longest first, so that a mark within a longer one is not counted. */
function anyOf(marks: readonly string[]): RegExp {
  const longestFirst = marks.toSorted((a, b) => b.length - a.length);
  return new RegExp(longestFirst.map((mark) => RegExp.escape(mark)).join('|') || '(?!)', 'g');
}
