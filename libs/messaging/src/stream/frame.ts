import { decodeBody, encodeBody } from '../wire/body.js';

/** What a producer says. `open` names its control subject, `beat` says that it lives though it has nothing to say. */
export const FRAME = { open: 0, part: 1, end: 2, error: 3, beat: 4 } as const;
export type FrameKind = (typeof FRAME)[keyof typeof FRAME];

/** Every frame is numbered by the parts before it, so that a lost one is noticed by the next. */
export interface Frame {
  readonly kind: number;
  readonly sequence: number;
  readonly body: unknown;
}

export function encodeFrame(kind: FrameKind, sequence: number, body: unknown): Uint8Array {
  return encodeBody([kind, sequence, body]);
}

/** Throws on anything that is no frame. */
export function decodeFrame(bytes: Uint8Array): Frame {
  const frame = decodeBody(bytes);
  if (!Array.isArray(frame) || typeof frame[0] !== 'number' || typeof frame[1] !== 'number') {
    throw new TypeError('Not a stream frame');
  }
  return { kind: frame[0], sequence: frame[1], body: frame[2] };
}

/** What a reader says: how many parts it has granted in all, or -1 when it wants no more. A repeated grant keeps the stream alive. */
export function encodeCredit(granted: number): Uint8Array {
  return encodeBody(granted);
}

export const CANCEL = -1;

export function decodeCredit(bytes: Uint8Array): number {
  const granted = decodeBody(bytes);
  if (typeof granted !== 'number') throw new TypeError('Not a credit');
  return granted;
}

/** Each side speaks at least this often. */
export const BEAT_MS = 500;
/** After this long without a word the other side is taken for dead. */
export const SILENCE_MS = 5_000;
