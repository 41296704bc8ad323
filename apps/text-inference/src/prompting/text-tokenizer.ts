import { Tokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';
import { tokenVocabulary, type TokenVocabulary } from './token-vocabulary.js';

/** A mark that a text may write and that becomes one token. */
export interface AddedToken {
  readonly content: string;
  /** Steers the model and never appears as text. */
  readonly special: boolean;
}

const WithAddedTokens = z.looseObject({
  added_tokens: z
    .array(z.looseObject({ content: z.string().min(1), special: z.boolean().default(false) }))
    .default([]),
});

/** Text to token ids and back, by the files that Hugging Face models publish. */
export class TextTokenizer {
  readonly #tokenizer: Tokenizer;
  readonly vocabulary: TokenVocabulary;
  readonly addedTokens: readonly AddedToken[];

  private constructor(tokenizer: Tokenizer, vocabulary: TokenVocabulary, addedTokens: readonly AddedToken[]) {
    this.#tokenizer = tokenizer;
    this.vocabulary = vocabulary;
    this.addedTokens = addedTokens;
  }

  /** From parsed tokenizer.json and tokenizer_config.json. Throws where they describe no tokenizer. */
  static load(tokenizerJson: unknown, tokenizerConfig: unknown): TextTokenizer {
    const vocabulary = tokenVocabulary(tokenizerJson);
    const config = z.looseObject({}).parse(tokenizerConfig);
    const file = WithAddedTokens.parse(tokenizerJson);
    // Only the exact spelling of a special token counts: a normalizer that folds full-width letters
    // would otherwise let a text write one that the prompt's guard does not see.
    const added = file.added_tokens.map((token) => (token.special ? { ...token, normalized: false } : token));
    const tokenizer = new Tokenizer({ ...file, added_tokens: added }, config);
    return new TextTokenizer(
      tokenizer,
      vocabulary,
      added.map(({ content, special }) => ({ content, special })),
    );
  }

  /** Without special tokens around the text; marks such as `<|im_start|>` in the text become their ids. */
  encode(text: string): number[] {
    if (text === '') return [];
    const { ids } = this.#tokenizer.encode(text, { add_special_tokens: false });
    // The library gives no id where the vocabulary lacks both a piece and a token for the unknown.
    const known = ids.filter((id: number | undefined) => id !== undefined);
    if (known.length < ids.length) throw new Error('The vocabulary cannot write the whole text');
    return known;
  }

  idOf(token: string): number | undefined {
    return this.#tokenizer.token_to_id(token);
  }
}
