import { DomainError } from '@trivium/contracts';

/** Private use of the BMP and of the planes 15 and 16; text hardly ever writes them. */
const PRIVATE_USE = [
  [0xe000, 0xf8ff],
  [0xf0000, 0xffffd],
  [0x100000, 0x10fffd],
] as const;

/**
 * Keeps what people and tools write from becoming a mark that steers the model, such as `<|im_start|>`.
 * In every text that goes into the template a divider is put after the first character of each mark,
 * one private-use character that the texts do not contain. The rendered prompt is cut at the dividers
 * and its pieces are encoded apart: no mark is whole in any of them, and the model still reads every
 * character that was written, but for a mark of a single character, which cannot be cut and is left out.
 */
export class MarkGuard {
  readonly #divider: string;

  /** @param texts All that is to be guarded, as one text. */
  constructor(texts: string) {
    this.#divider = absentFrom(texts);
  }

  /** A deep copy in which every string, names of fields included, is guarded against the marks. */
  guard<T>(value: T, marks: readonly string[]): T;
  guard(value: unknown, marks: readonly string[]): unknown {
    if (typeof value === 'string') return this.#text(value, marks);
    if (Array.isArray(value)) return value.map((item: unknown) => this.guard(item, marks));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]: [string, unknown]) => [
        this.#text(key, marks),
        this.guard(item, marks),
      ]),
    );
  }

  pieces(prompt: string): string[] {
    return prompt.split(this.#divider);
  }

  #text(text: string, marks: readonly string[]): string {
    let guarded = text;
    for (const mark of marks) {
      const first = String.fromCodePoint(mark.codePointAt(0) ?? 0);
      const rest = mark.slice(first.length);
      guarded = guarded.replaceAll(mark, () => (rest === '' ? this.#divider : first + this.#divider + rest));
    }
    return guarded;
  }
}

function absentFrom(texts: string): string {
  const present = new Set(texts);
  for (const [first, last] of PRIVATE_USE) {
    for (let code = first; code <= last; code += 1) {
      const char = String.fromCodePoint(code);
      if (!present.has(char)) return char;
    }
  }
  throw new DomainError('invalid_request', 'The messages use every private-use character there is', {
    param: 'messages',
  });
}
