import type { ConverseRequest } from '@trivium/contracts/router';

/** At most this many tokens of window, and a model gets what it needs in its shortest form. */
const COMPACT_WINDOW = 4_096;
/** Kept for the answer when the caller sets no other length. */
const ANSWER_TOKENS = 1_024;
/** Characters of Chinese that one token holds; those of English are more. */
const CHARACTERS_PER_TOKEN = 1.6;
const DOCUMENT_SHARE = 0.6;

export interface ContextLimits {
  readonly historyCharacters: number;
  readonly documentCharacters: number;
}

/** Whether a model with this window is told of documents in the compact form. */
export function isCompact(contextWindow: number | undefined): boolean {
  return contextWindow !== undefined && contextWindow <= COMPACT_WINDOW;
}

/** Tokens of a window that the prompt may take: never less than three quarters, whatever the caller asks for. */
export function promptTokens(contextWindow: number, { sampling }: Pick<ConverseRequest, 'sampling'>): number {
  return contextWindow - Math.min(sampling.maxTokens ?? ANSWER_TOKENS, Math.floor(contextWindow / 4));
}

/** The configured limits, or less where the window leaves less beside `said`, what the caller wrote itself. */
export function limitsWithin(
  contextWindow: number | undefined,
  configured: ContextLimits,
  request: Pick<ConverseRequest, 'sampling'>,
  said: number,
): ContextLimits {
  if (contextWindow === undefined) return configured;
  const room = Math.max(0, promptTokens(contextWindow, request) * CHARACTERS_PER_TOKEN - said);
  const documentCharacters = Math.min(configured.documentCharacters, Math.floor(room * DOCUMENT_SHARE));
  return {
    documentCharacters,
    historyCharacters: Math.min(configured.historyCharacters, Math.floor(room - documentCharacters)),
  };
}
