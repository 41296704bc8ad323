/** Letters that stand for digits in a field that holds digits alone. */
const MISREAD: Readonly<Record<string, string>> = {
  O: '0',
  o: '0',
  Q: '0',
  I: '1',
  l: '1',
  '|': '1',
  '!': '1',
};

/** Digits without blanks; characters that are no digit remain, so that a caller sees them. */
export function digitsOf(text: string): string {
  return text.replace(/\s/g, '').replace(/[OoQIl|!]/g, (letter) => MISREAD[letter] ?? letter);
}
