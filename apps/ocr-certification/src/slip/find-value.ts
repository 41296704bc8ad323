import { findApproximately } from '../layout/find-approximately.js';
import type { Reading, Row } from '../layout/row.js';

/** What a label may be and how the value after it is written. */
export interface Question {
  /** As folded text without blanks. */
  readonly labels: readonly string[];
  /** Tells the label from its neighbours, so it must have been read right. */
  readonly key?: RegExp | undefined;
  /** Matched against what stands to the right of the label. */
  readonly value: RegExp;
}

/** Signs and stray strokes that may stand between a label and its value. */
const DEBRIS = 3;
/** A gap of this many line heights ends a value. */
const ENDS_VALUE = 1.8;

/**
 * The value to the right of a label, in the row of the label, or null. Labels that were read right go
 * before those with one character in four wrong.
 */
export function findValue(rows: readonly Row[], question: Question): Reading | null {
  for (const exact of [true, false]) {
    for (const label of question.labels) {
      const errors = exact ? 0 : Math.floor(label.length / 4);
      for (const row of rows) {
        const reading = valueInRow(row, label, errors, question);
        if (reading !== null) return reading;
      }
    }
  }
  return null;
}

function valueInRow(row: Row, label: string, errors: number, { key, value }: Question): Reading | null {
  for (const { start, end } of findApproximately(row.text, label, errors)) {
    if (key !== undefined && !key.test(row.text.slice(start, end))) continue;
    const rest = row.text.slice(end);
    const match = value.exec(rest);
    if (match === null || rest.slice(0, match.index).replace(/[\s:;.,]/g, '').length > DEBRIS) continue;
    let from = end + match.index;
    const until = from + match[0].length;
    while (row.text.charAt(from) === ' ') from += 1;
    let to = from;
    while (to < until && row.gapAt(to) < ENDS_VALUE) to += 1;
    const reading = row.read(from, to);
    if (reading !== null) return reading;
  }
  return null;
}

/** The first place on the page where the pattern stands, whatever is printed around it. */
export function findPattern(rows: readonly Row[], pattern: RegExp): Reading | null {
  for (const row of rows) {
    const match = pattern.exec(row.text);
    const reading = match === null ? null : row.read(match.index, match.index + match[0].length);
    if (reading !== null) return reading;
  }
  return null;
}

/** The first row with one of the labels, read right or, where none was, with one character in four wrong. */
export function rowWith(rows: readonly Row[], labels: readonly string[], key?: RegExp): Row | null {
  for (const exact of [true, false]) {
    for (const label of labels) {
      const errors = exact ? 0 : Math.floor(label.length / 4);
      const found = rows.find(({ text }) =>
        findApproximately(text, label, errors).some(
          ({ start, end }) => key === undefined || key.test(text.slice(start, end)),
        ),
      );
      if (found !== undefined) return found;
    }
  }
  return null;
}
