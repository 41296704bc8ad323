/** What is counted on a page before its text layer is believed. */
export interface TextLayerCount {
  /** Characters other than blanks that lie on the page. */
  readonly characters: number;
  /** Of them, those that the font maps to no character: null, control, private use, U+FFFD. */
  readonly unmapped: number;
  /** Share of the shown glyphs that are drawn invisibly, as a scanner's own reading is. */
  readonly invisibleShare: number;
  /** Share of the page that pictures cover, at most 1. */
  readonly pictureShare: number;
}

export type TextLayerFault = 'too-little-text' | 'unmapped-glyphs' | 'invisible-text' | 'mostly-pictures';

/** Fewer characters are a page number or a stamp over something else. */
const FEWEST_CHARACTERS = 16;
const MOST_UNMAPPED = 0.02;
const MOST_INVISIBLE = 0.02;
/** A picture this large may itself hold what the page says. */
const MOST_PICTURE = 0.5;

/** Why the page must be looked at instead of taking its text as it is stored; null: its text can be taken. */
export function faultOfText({
  characters,
  unmapped,
}: Pick<TextLayerCount, 'characters' | 'unmapped'>): TextLayerFault | null {
  if (characters < FEWEST_CHARACTERS) return 'too-little-text';
  return unmapped / characters > MOST_UNMAPPED ? 'unmapped-glyphs' : null;
}

/** As {@link faultOfText}, of how the page is painted. */
export function faultOfPainting({
  invisibleShare,
  pictureShare,
}: Pick<TextLayerCount, 'invisibleShare' | 'pictureShare'>): TextLayerFault | null {
  if (invisibleShare > MOST_INVISIBLE) return 'invisible-text';
  return pictureShare > MOST_PICTURE ? 'mostly-pictures' : null;
}

const UNMAPPED = /[\p{Cc}\p{Co}\p{Cn}\uFFFD]/u;

/** Characters other than blanks, and how many of them say nothing. */
export function countCharacters(texts: readonly string[]): Pick<TextLayerCount, 'characters' | 'unmapped'> {
  let characters = 0;
  let unmapped = 0;
  for (const text of texts) {
    for (const character of text) {
      if (/\s/u.test(character)) continue;
      characters += 1;
      if (UNMAPPED.test(character)) unmapped += 1;
    }
  }
  return { characters, unmapped };
}

/** Radicals and compatibility forms, which fonts map glyphs to, as the characters that people type. */
export function plainCharacters(text: string): string {
  return text.replace(/[\u2E80-\u2FDF\uF900-\uFAFF]/gu, (character) => character.normalize('NFKC'));
}
