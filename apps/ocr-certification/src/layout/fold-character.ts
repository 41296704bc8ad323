/** Signs that a reader takes for one another and that carry no digit: each becomes the first form. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  '：': ':',
  '﹕': ':',
  '∶': ':',
  '．': '.',
  '。': '.',
  '·': '.',
  '・': '.',
  '，': ',',
  '—': '-',
  '–': '-',
  '−': '-',
  '￥': '¥',
  '＊': '*',
  '×': '*',
  '★': '*',
  '☆': '*',
  '〔': '(',
  '〕': ')',
  '【': '(',
  '】': ')',
};

/** One character to one character: full-width to half-width, look-alike punctuation to one form. */
export function foldCharacter(character: string): string {
  const lookalike = LOOKALIKES[character];
  if (lookalike !== undefined) return lookalike;
  const folded = character.normalize('NFKC');
  return folded.length === 1 ? folded : character;
}

export function foldText(text: string): string {
  return Array.from(text, foldCharacter).join('');
}

/** How wide a character is printed beside a Chinese one. */
export function relativeWidth(character: string): number {
  if (/[.,:;'|!il1()[\]\s-]/.test(character)) return 0.38;
  const code = character.codePointAt(0) ?? 0;
  return code < 0x2e80 ? 0.56 : 1;
}
