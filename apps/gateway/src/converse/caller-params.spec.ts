import { DomainError } from '@trivium/contracts';
import { describe, expect, it } from 'vitest';
import { namedByCaller } from './caller-params.js';

describe('namedByCaller', () => {
  it.each([
    ['stop', 'stop'],
    ['sampling.topK', 'top_k'],
    ['sampling.topLogprobs', 'top_logprobs'],
    ['max_tokens', 'max_completion_tokens'],
    ['responseFormat.schema', 'response_format.json_schema.schema'],
    ['response_format.json_schema.schema', 'response_format.json_schema.schema'],
    ['tools[2].parameters', 'tools[2].function.parameters'],
    ['tools[2].function.parameters', 'tools[2].function.parameters'],
    ['toolChoice', 'tool_choice'],
    ['messages[0].content[1].image_url', 'messages[0].content[1].image_url'],
  ])('%s was written as %s', (param, expected) => {
    const error = new DomainError('overloaded', 'x', { param, retryAfterMs: 7 });

    expect(namedByCaller(error, [[/^max_tokens$/, 'max_completion_tokens']])).toMatchObject({
      code: 'overloaded',
      message: 'x',
      param: expected,
      retryAfterMs: 7,
    });
  });

  it('leaves alone what blames nothing', () => {
    const error = new Error('x');

    expect(namedByCaller(error, [])).toBe(error);
    expect(namedByCaller(new DomainError('internal', 'x'), [])).toMatchObject({ param: undefined });
  });
});
