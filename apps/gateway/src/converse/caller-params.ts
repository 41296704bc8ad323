import { DomainError } from '@trivium/contracts';
import { snakeKey } from '../documents/snake-case.js';

/** From the beginning of a parameter's path as OpenAI's chat API writes it to how the caller wrote it. */
export type ParamNames = readonly (readonly [RegExp, string])[];

/** The services' own words for what has other names in the chat API. */
const CHAT_WORDS: ParamNames = [
  [/^(?:sampling\.)?topLogprobs\b/, 'top_logprobs'],
  [/^sampling\./, ''],
  [/^responseFormat\b/, 'response_format'],
  [/^response_format\.(?=schema|name|strict)/, 'response_format.json_schema.'],
  [/^toolChoice\b/, 'tool_choice'],
  [/^parallelToolCalls\b/, 'parallel_tool_calls'],
  [/^tools\[(\d+)\]\.(?!function\b)/, 'tools[$1].function.'],
];

/** The same error, blaming what the caller wrote by the name that it has there. */
export function namedByCaller(error: unknown, names: ParamNames): unknown {
  if (!DomainError.is(error) || error.param === undefined) return error;
  const param = rename(rename(error.param, CHAT_WORDS).replace(/^[a-z]\w*/, snakeKey), names);
  if (param === error.param) return error;
  const { code, message, retryable, retryAfterMs, details } = error;
  return new DomainError(code, message, { param, retryable, retryAfterMs, details, cause: error });
}

function rename(param: string, names: ParamNames): string {
  return names.reduce((name, [pattern, replacement]) => name.replace(pattern, replacement), param);
}
