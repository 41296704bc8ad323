import type { CachePrefix, CacheSlice } from './key-value-cache.js';

interface Entry {
  readonly owner: string;
  readonly tokens: readonly number[];
  readonly slice: CacheSlice;
}

/** Shorter beginnings cost more to look after than to compute. */
const LEAST_TOKENS = 16;

/**
 * Keys and values of earlier prompts and answers, so that one which begins alike need not be computed again: a
 * shared system prompt, the turns of a conversation so far. Least recently used go first, by tokens held. Each
 * owner finds their own only: how soon an answer begins must not tell what others have asked.
 */
export class PrefixStore {
  /** In the order of use, the latest last. */
  #entries: Entry[] = [];
  #tokens = 0;

  constructor(private readonly mostTokens: number) {}

  /** The longest kept beginning of the tokens, never all of them: the last one has to be computed. */
  find(owner: string, tokens: readonly number[]): CachePrefix | undefined {
    let best: Entry | undefined;
    let length = LEAST_TOKENS - 1;
    for (const entry of this.#entries) {
      if (entry.owner !== owner) continue;
      const shared = Math.min(common(entry.tokens, tokens), tokens.length - 1);
      if (shared > length) [best, length] = [entry, shared];
    }
    if (best === undefined) return undefined;
    this.#entries = [...this.#entries.filter((entry) => entry !== best), best];
    return { length, slice: best.slice };
  }

  /** Whether keeping these would add anything. */
  wants(owner: string, tokens: readonly number[]): boolean {
    if (tokens.length < LEAST_TOKENS || tokens.length > this.mostTokens) return false;
    return this.#entries.every(
      (entry) => entry.owner !== owner || common(entry.tokens, tokens) < tokens.length,
    );
  }

  keep(owner: string, tokens: readonly number[], slice: CacheSlice): void {
    const outdone = (entry: Entry): boolean =>
      entry.owner === owner && common(entry.tokens, tokens) === entry.tokens.length;
    this.#entries = [...this.#entries.filter((entry) => !outdone(entry)), { owner, tokens, slice }];
    this.#tokens = this.#entries.reduce((sum, entry) => sum + entry.tokens.length, 0);
    while (this.#tokens > this.mostTokens) {
      this.#tokens -= this.#entries.shift()?.tokens.length ?? this.#tokens;
    }
  }
}

function common(one: readonly number[], other: readonly number[]): number {
  const most = Math.min(one.length, other.length);
  let length = 0;
  while (length < most && one[length] === other[length]) length += 1;
  return length;
}
