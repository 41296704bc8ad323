/** Characters that one token of a word holds at least, on the average of small vocabularies. */
const CHINESE = 1.6;
const LATIN = 3.5;
/** What a chat template writes around a message. */
const AROUND_MESSAGE = 6;

/**
 * About how many tokens a text makes, erring on the side of too many: 1.6 characters of Chinese or 3.5 of a
 * word in letters are one, a digit or a mark is one by itself.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (const character of text) {
    if (/\p{Script=Han}/u.test(character)) tokens += 1 / CHINESE;
    else if (/\p{L}/u.test(character)) tokens += 1 / LATIN;
    else if (character === ' ') tokens += 1 / LATIN;
    else tokens += 1;
  }
  return Math.ceil(tokens);
}

/** The same of the texts of one message. */
export function estimateMessage(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + estimateTokens(text), AROUND_MESSAGE);
}
