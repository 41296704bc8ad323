/** Server-sent events in the order they are to be written; each frame ends with its blank line. */
export class EventStream {
  constructor(readonly frames: AsyncIterable<string>) {}
}

/** Ends a chat completion's stream. */
export const DONE = 'data: [DONE]\n\n';

/** Ignored by every parser of event streams; keeps proxies from closing a silent connection. */
export const HEARTBEAT = ': ping\n\n';

/** `data` must hold no line break, which JSON never does. */
export function dataFrame(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

export function eventFrame(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
