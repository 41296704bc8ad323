import { randomBytes } from 'node:crypto';
import type { RawPart } from '../catalogue/text-model.js';
import { CALL_BEGIN, CALL_END } from './tool-call-marks.js';

/** The beginning of a call up to its arguments; the name may be escaped. */
const HEAD = /^\s*\{\s*"name"\s*:\s*("(?:[^"\\]|\\.)*")\s*,\s*"arguments"\s*:\s*(?=\S)/;
/** A head that is longer than this is none. */
const MOST_HEAD = 1024;

/**
 * Reads what a model says into text and calls, whatever pieces it comes in. Arguments are passed on as they
 * come; a call that is no call is passed on as the text that it was, for validation to refuse.
 */
export class ToolCallReader {
  /** What may still be the beginning of a mark, or of a call. */
  #held = '';
  #state: 'text' | 'head' | 'arguments' | 'tail' | 'broken' = 'text';
  #depth = new ValueEnd();
  #index = -1;
  /** Blanks between calls belong to neither. */
  #afterCall = false;

  push(text: string): RawPart[] {
    const parts: RawPart[] = [];
    this.#held += text;
    while (this.#step(parts));
    return joined(parts);
  }

  /** What was held back, when the text has ended: as text, the mark of a call that was begun included. */
  flush(): RawPart[] {
    const parts: RawPart[] = [];
    if (this.#state === 'text') this.#say(this.#held, parts);
    else if (this.#state === 'head') this.#say(CALL_BEGIN + this.#held, parts);
    else if (this.#state === 'broken') this.#argue(this.#held, parts);
    this.#held = '';
    this.#state = 'text';
    return joined(parts);
  }

  #step(parts: RawPart[]): boolean {
    switch (this.#state) {
      case 'text':
        return this.#text(parts);
      case 'head':
        return this.#head(parts);
      case 'arguments':
        return this.#arguments(parts);
      case 'tail':
        return this.#tail();
      case 'broken':
        return this.#broken(parts);
    }
  }

  #text(parts: RawPart[]): boolean {
    const at = this.#held.indexOf(CALL_BEGIN);
    if (at >= 0) {
      this.#say(this.#held.slice(0, at).trimEnd(), parts);
      this.#held = this.#held.slice(at + CALL_BEGIN.length);
      this.#state = 'head';
      return true;
    }
    // blanks stay with a mark that may follow them
    const keep = /\s*$/.exec(this.#held.slice(0, this.#held.length - beginsAtEnd(this.#held, CALL_BEGIN)));
    const until = keep?.index ?? this.#held.length;
    this.#say(this.#held.slice(0, until), parts);
    this.#held = this.#held.slice(until);
    return false;
  }

  #head(parts: RawPart[]): boolean {
    const head = HEAD.exec(this.#held);
    const name = head === null ? undefined : nameOf(head[1]);
    if (head !== null && name !== undefined) {
      this.#index += 1;
      const id = `call_${randomBytes(18).toString('base64url')}`;
      parts.push({ type: 'tool-call-delta', index: this.#index, id, name });
      this.#held = this.#held.slice(head[0].length);
      this.#state = 'arguments';
      this.#depth = new ValueEnd();
      return true;
    }
    const end = this.#held.indexOf(CALL_END);
    if (end < 0 && this.#held.length <= MOST_HEAD && head === null) return false;
    const until = end < 0 ? this.#held.length : end + CALL_END.length;
    this.#say(CALL_BEGIN + this.#held.slice(0, until), parts);
    this.#held = this.#held.slice(until);
    this.#state = 'text';
    return true;
  }

  #arguments(parts: RawPart[]): boolean {
    const length = this.#depth.find(this.#held);
    const ended = length !== undefined;
    const text = this.#held.slice(0, length);
    this.#argue(text, parts);
    this.#held = this.#held.slice(text.length);
    if (ended) this.#state = 'tail';
    return ended;
  }

  /** After the arguments only `}`, blanks and the mark of the end may come. */
  #tail(): boolean {
    const tail = /^\s*\}\s*<\/tool_call>/.exec(this.#held);
    if (tail !== null) {
      this.#held = this.#held.slice(tail[0].length);
      this.#state = 'text';
      this.#afterCall = true;
      return true;
    }
    if (TAIL_BEGINNING.test(this.#held)) return false;
    this.#state = 'broken';
    return true;
  }

  /** No JSON any more: kept with the arguments up to the mark, so that the call is refused rather than mended by chance. */
  #broken(parts: RawPart[]): boolean {
    const end = this.#held.indexOf(CALL_END);
    const until = end < 0 ? this.#held.length - beginsAtEnd(this.#held, CALL_END) : end;
    this.#argue(this.#held.slice(0, until), parts);
    this.#held = this.#held.slice(end < 0 ? until : end + CALL_END.length);
    if (end >= 0) this.#state = 'text';
    return end >= 0;
  }

  #argue(text: string, parts: RawPart[]): void {
    if (text !== '') parts.push({ type: 'tool-call-delta', index: this.#index, arguments: text });
  }

  #say(text: string, parts: RawPart[]): void {
    const said = this.#afterCall ? text.trimStart() : text;
    if (said === '') return;
    this.#afterCall = false;
    parts.push({ type: 'text', text: said });
  }
}

const TAIL_BEGINNING = /^\s*(?:\}\s*(?:<(?:\/(?:t(?:o(?:o(?:l(?:_(?:c(?:a(?:ll?)?)?)?)?)?)?)?)?)?)?)?$/;

/** Finds where an object, list or other JSON value ends, across pieces. */
class ValueEnd {
  #open = 0;
  #inString = false;
  #escaped = false;
  #begun = false;

  /** Length of `text` up to and with the end of the value; undefined: it goes on. */
  find(text: string): number | undefined {
    for (let at = 0; at < text.length; at += 1) {
      const char = text.charAt(at);
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (char === '\\') this.#escaped = true;
        else if (char === '"') this.#inString = false;
        if (!this.#inString && this.#open === 0) return at + 1;
        continue;
      }
      if (char === '"') this.#inString = true;
      else if (char === '{' || char === '[') this.#open += 1;
      else if (char === '}' || char === ']') {
        // the brace of the call itself: a bare number or word has ended before it
        if (this.#open === 0) return at;
        this.#open -= 1;
        if (this.#open === 0) return at + 1;
      } else if (this.#open === 0 && this.#begun && /\s/.test(char)) return at;
      this.#begun = true;
    }
    return undefined;
  }
}

/** How many characters at the end of `text` may be the beginning of `mark`. */
function beginsAtEnd(text: string, mark: string): number {
  for (let length = Math.min(mark.length - 1, text.length); length > 0; length -= 1) {
    if (text.endsWith(mark.slice(0, length))) return length;
  }
  return 0;
}

function nameOf(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as string);
  } catch {
    return undefined;
  }
}

/** Neighbouring pieces of the same text, or of the same arguments, as one. */
function joined(parts: readonly RawPart[]): RawPart[] {
  const all: RawPart[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    if (part.type === 'text' && last?.type === 'text')
      all[all.length - 1] = { ...last, text: last.text + part.text };
    else all.push(part);
  }
  return all;
}
