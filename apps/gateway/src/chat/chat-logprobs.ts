import type { TokenLogprob } from '@trivium/contracts/generate';
import { z } from 'zod';

const ScoredToken = z.strictObject({
  token: z.string(),
  logprob: z.number(),
  bytes: z.array(z.int()).describe('UTF-8 of the token, which may be a part of a character'),
});

export const ChatLogprobs = z
  .strictObject({
    content: z.array(ScoredToken.extend({ top_logprobs: z.array(ScoredToken) })),
    refusal: z.null(),
  })
  .meta({ id: 'ChatLogprobs' });

/** Probabilities of tokens in the words of the API. */
export function chatLogprobs(tokens: readonly TokenLogprob[]): z.output<typeof ChatLogprobs> {
  return {
    content: tokens.map(({ top, ...token }) => ({ ...token, top_logprobs: top })),
    refusal: null,
  };
}
