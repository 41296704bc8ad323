import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { formatPath, inputFault } from './input-fault.js';

const Part = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string() }),
  z.strictObject({ type: z.literal('image'), image: z.strictObject({ url: z.string() }) }),
]);
const Request = z.strictObject({
  content: z.union([z.string(), z.array(Part)]),
  n: z.literal(1).optional(),
});

function fault(input: unknown, refusals?: Record<string, string>) {
  const { error } = Request.safeParse(input);
  if (error === undefined) throw new Error('The input is valid.');
  return inputFault(error, input, refusals);
}

describe('inputFault', () => {
  it.each([
    [{ content: [{ type: 'image', image: {} }] }, 'content[0].image.url', 'Missing required parameter'],
    [{ content: [{ type: 'text', text: 5 }] }, 'content[0].text', 'expected string'],
    [{ content: 5 }, 'content', 'expected string or array'],
    [{}, 'content', 'Missing required parameter'],
    [[], undefined, 'The request'],
  ])('finds the one fault that the client can mend: %j', (input, param, message) => {
    const error = fault(input);

    expect(error).toMatchObject({ code: 'invalid_request', param });
    expect(error.message).toContain(message);
  });

  it('tells unknown parameters from malformed ones, however deep', () => {
    expect(fault({ content: 'x', foo: 1 })).toMatchObject({ code: 'unsupported_parameter', param: 'foo' });
    expect(fault({ content: [{ type: 'text', text: 'x', foo: 1 }] })).toMatchObject({
      code: 'unsupported_parameter',
      param: 'content[0].foo',
    });
  });

  it('gives the reason for what is known and refused', () => {
    const error = fault({ content: 'x', n: 2 }, { n: 'one at a time.' });

    expect(error).toMatchObject({ code: 'unsupported_parameter', param: 'n' });
    expect(error.message).toBe("'n' is not supported: one at a time.");
  });
});

it('formatPath writes paths as clients do', () => {
  expect(formatPath(['messages', 0, 'content', 1, 'image_url'])).toBe('messages[0].content[1].image_url');
});
