import type { CallContext } from '@trivium/messaging';

/** The deadlines of what was called pass a moment before one's own. */
const MOMENT_MS = 100;

/** The caller has left or the time is up: a failure now says nothing about whoever was called. */
export function isOver(context: Pick<CallContext, 'signal' | 'remaining'>): boolean {
  return context.signal.aborted || context.remaining() < MOMENT_MS;
}
