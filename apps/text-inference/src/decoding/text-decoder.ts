import type { TokenVocabulary } from '../prompting/token-vocabulary.js';

/**
 * Text of tokens as they come. A character whose bytes come in several tokens appears with the last
 * of them; bytes that are no UTF-8 become U+FFFD. At most three bytes are held back.
 */
export class IncrementalDetokenizer {
  readonly #vocabulary: TokenVocabulary;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** Spaces that the text may still lose at its very beginning. */
  #strip: number;

  constructor(vocabulary: TokenVocabulary) {
    this.#vocabulary = vocabulary;
    this.#strip = vocabulary.leadingSpaces ?? 0;
  }

  push(id: number): string {
    return this.#stripped(this.#decoder.decode(this.#vocabulary.bytesOf(id), { stream: true }));
  }

  /** The end: what is left of an incomplete character becomes U+FFFD. */
  flush(): string {
    return this.#stripped(this.#decoder.decode());
  }

  #stripped(text: string): string {
    if (this.#strip === 0 || text === '') return text;
    let start = 0;
    while (start < this.#strip && text.charAt(start) === ' ') start += 1;
    this.#strip = start < text.length ? 0 : this.#strip - start;
    return text.slice(start);
  }
}
