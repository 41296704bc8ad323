import type { TextDelta, TokenLogprob } from '@trivium/contracts/generate';
import type { z } from 'zod';

type Delta = z.output<typeof TextDelta>;

/**
 * Brings the probabilities of tokens back beside their text after it was cut anew: those of a piece go with
 * the delta that ends it.
 */
export class DeltaLogprobs {
  /** Characters that pieces, and deltas, have brought so far. */
  #said = 0;
  #shown = 0;
  #waiting: { readonly end: number; readonly logprobs: readonly TokenLogprob[] }[] = [];

  said({ text, logprobs }: { readonly text: string; readonly logprobs?: readonly TokenLogprob[] }): void {
    this.#said += text.length;
    if (logprobs !== undefined && logprobs.length > 0) this.#waiting.push({ end: this.#said, logprobs });
  }

  beside(deltas: readonly Delta[]): Delta[] {
    return deltas.map((delta) => {
      this.#shown += delta.text.length;
      return this.#complete(delta);
    });
  }

  /** What is left when the text has ended: of tokens without text of their own. */
  flush(): Delta[] {
    this.#shown = this.#said;
    return this.#waiting.length === 0 ? [] : [this.#complete({ type: 'text-delta', text: '' })];
  }

  #complete(delta: Delta): Delta {
    const open = this.#waiting.findIndex(({ end }) => end > this.#shown);
    const complete = this.#waiting.splice(0, open === -1 ? this.#waiting.length : open);
    if (complete.length === 0) return delta;
    return { ...delta, logprobs: complete.flatMap(({ logprobs }) => logprobs) };
  }
}
