import { DomainError } from '@trivium/contracts';

/** Longer than the window of any encoder; a query and a document of this length fit into one message. */
const MOST_CHARACTERS = 100_000;

/** The text as it may travel. Throws `context_length_exceeded` that names `param` when it may not be cut. */
export function boundedText(text: string, truncate: boolean, param: string): string {
  if (text.length <= MOST_CHARACTERS) return text;
  if (!truncate) {
    throw new DomainError(
      'context_length_exceeded',
      `'${param}' has ${text.length} characters; no model takes more than ${MOST_CHARACTERS}. Shorten it, or send truncate: true.`,
      { param },
    );
  }
  const end = /[\uD800-\uDBFF]/.test(text[MOST_CHARACTERS - 1] ?? '') ? MOST_CHARACTERS - 1 : MOST_CHARACTERS;
  return text.slice(0, end);
}
