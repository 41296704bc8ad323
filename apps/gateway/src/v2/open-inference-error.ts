import type { InferenceError } from '@trivium/contracts/open-inference';
import { z } from 'zod';
import type { Failure } from '../errors/failure.js';

const Loading = z.object({
  loading: z.object({ state: z.string(), progress: z.number(), etaMs: z.number().optional() }),
});

/** Whether a path is answered in the words of the Open Inference Protocol, that there is no such route included. */
export function speaksOpenInference(url: string): boolean {
  return /^\/v2(?:[/?]|$)/.test(url);
}

/** A failure as the protocol has it: one sentence, which names the field; beside it how far a load has come. */
export function openInferenceError({ body: { error }, details }: Failure): InferenceError {
  const { message, param } = error;
  const named = param === null || message.includes(param) ? message : `'${param}': ${message}`;
  const { data } = Loading.safeParse(details);
  if (data === undefined) return { error: named };
  const { state, progress, etaMs } = data.loading;
  return { error: named, loading: { state, progress, ...(etaMs !== undefined && { eta: etaMs }) } };
}
