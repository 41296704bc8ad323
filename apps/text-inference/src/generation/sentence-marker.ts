import type { TextDelta } from '@trivium/contracts/generate';
import type { z } from 'zod';

type Delta = z.output<typeof TextDelta>;

const ENDERS = new Set(['。', '！', '？', '…', '.', '!', '?']);
const CLOSERS = new Set(['"', "'", '”', '’', '」', '』', '）', ')', '】', ']', '》', '*', '_']);
/** These end a sentence only before white space: `3.14`, `example.com`, `v1.2`. */
const LATIN = new Set(['.', '!', '?']);
const ABBREVIATION =
  /(?:^|[\s(])(?:Mr|Mrs|Ms|Dr|Prof|St|No|Nos|vs|etc|cf|al|Inc|Ltd|Co|Corp|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|[A-Za-z]|[ei]\.[eg]|a\.m|p\.m)\.$/;
/** Enough to see an abbreviation before a full stop that arrives in a later piece. */
const MEMORY = 12;
/** A run of enders and closers longer than this is no longer held back. */
const MAX_HELD = 16;

/**
 * Cuts a text that arrives in arbitrary pieces so that every sentence end (Chinese or English) falls
 * on the end of a delta, marked `sentenceEnd`. An ender is held back until the next character tells
 * whether it ended anything; surrogate pairs stay whole. The deltas concatenate to the input.
 */
export class SentenceMarker {
  #held = '';
  #before = '';
  /** Whether anything but white space was emitted since the last sentence end. */
  #open = false;

  push(text: string): Delta[] {
    const input = this.#held + text;
    const deltas: Delta[] = [];
    let start = 0;
    let at = 0;
    while (at < input.length) {
      const char = input.charAt(at);
      if (char === '\n') {
        at += 1;
        if (this.#open || input.slice(start, at).trim() !== '') {
          deltas.push(this.#emit(input.slice(start, at), true));
          start = at;
        }
        continue;
      }
      if (!ENDERS.has(char)) {
        at += 1;
        continue;
      }
      const end = endOfRun(input, at);
      if (end === input.length && end - at <= MAX_HELD) {
        this.#hold(input, start, at, deltas);
        return deltas;
      }
      if (this.#endsSentence(input, start, at, end)) {
        deltas.push(this.#emit(input.slice(start, end), true));
        start = end;
      }
      at = end;
    }
    const whole = isHighSurrogate(input.charCodeAt(input.length - 1)) ? input.length - 1 : input.length;
    this.#hold(input, start, Math.max(whole, start), deltas);
    return deltas;
  }

  /** What was held back, when the text or its run of text has ended. */
  flush(): Delta[] {
    const rest = this.#held.toWellFormed();
    this.#held = '';
    if (rest === '') return [];
    return [this.#emit(rest, ENDERS.has(rest.charAt(0)))];
  }

  #hold(input: string, start: number, from: number, deltas: Delta[]): void {
    if (from > start) deltas.push(this.#emit(input.slice(start, from), false));
    this.#held = input.slice(from);
  }

  #emit(text: string, sentenceEnd: boolean): Delta {
    this.#before = (this.#before + text).slice(-MEMORY);
    this.#open = sentenceEnd ? false : this.#open || text.trim() !== '';
    return sentenceEnd ? { type: 'text-delta', text, sentenceEnd } : { type: 'text-delta', text };
  }

  #endsSentence(input: string, start: number, at: number, end: number): boolean {
    const enders = [...input.slice(at, end)].filter((char) => ENDERS.has(char));
    if (enders.some((char) => !LATIN.has(char))) return true;
    if (!/\s/.test(input.charAt(end))) return false;
    if (enders.length > 1 || input.charAt(at) !== '.') return true;
    const before = (this.#before + input.slice(start, at + 1)).slice(-MEMORY);
    return !ABBREVIATION.test(before) && !/(?:^|\n)\s*\d+\.$/.test(before);
  }
}

function endOfRun(input: string, from: number): number {
  let end = from;
  while (
    end < input.length &&
    (ENDERS.has(input.charAt(end)) || (end > from && CLOSERS.has(input.charAt(end))))
  )
    end += 1;
  return end;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
