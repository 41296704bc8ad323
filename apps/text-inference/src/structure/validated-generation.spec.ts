import { GenerateRequest } from '@trivium/contracts/generate';
import { describe, expect, it } from 'vitest';
import type { OpenedGeneration, RawPart } from '../catalogue/text-model.js';
import { validatedParts } from './validated-generation.js';

const end = (reason: 'stop' | 'length' | 'tool_calls' | 'content_filter' = 'stop'): RawPart => ({
  type: 'end',
  reason,
  usage: { inputTokens: 5, outputTokens: 2 },
});
const text = (said: string): RawPart => ({ type: 'text', text: said });
const called = (name: string, args: string): RawPart[] => [
  { type: 'tool-call-delta', index: 0, id: 'call_1', name },
  { type: 'tool-call-delta', index: 0, arguments: args },
];

class Scripted {
  readonly asked: GenerateRequest[] = [];
  freed = 0;

  constructor(
    readonly enforcesStructure: boolean,
    private readonly answers: readonly (readonly RawPart[])[],
  ) {}

  async doOpen(request: GenerateRequest): Promise<OpenedGeneration> {
    const answer = this.answers[this.asked.length];
    this.asked.push(request);
    const rest = this.#say(answer ?? []);
    const first = await rest.next();
    if (first.done) throw new Error('no answer scripted');
    return { first: first.value, rest };
  }

  async *#say(parts: readonly RawPart[]): AsyncGenerator<RawPart, void, undefined> {
    try {
      yield* parts;
    } finally {
      this.freed += 1;
    }
  }
}

const request = (overrides: Partial<GenerateRequest>): GenerateRequest => ({
  ...GenerateRequest.parse({ messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }] }),
  ...overrides,
});
const JSON_REQUEST = request({
  responseFormat: {
    type: 'json_schema',
    name: 'n',
    schema: { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] },
  },
});
const TOOLS = [{ name: 'f', parameters: { type: 'object', properties: { n: { type: 'integer' } } } }];

interface Seen {
  readonly parts: RawPart[];
  readonly error?: unknown;
}

async function run(placement: Scripted, asked: GenerateRequest): Promise<Seen> {
  const parts: RawPart[] = [];
  const { signal } = new AbortController();
  const call = { signal, tenant: 'acme', priority: 'interactive' as const, remaining: () => 60_000 };
  try {
    const opened = await placement.doOpen(asked);
    for await (const part of validatedParts(asked, placement, opened, call)) parts.push(part);
    return { parts };
  } catch (error) {
    return { parts, error };
  }
}
const said = ({ parts }: Seen): string =>
  parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
const usage = ({ parts }: Seen): unknown =>
  parts.flatMap((part) => (part.type === 'end' ? [part.usage] : []))[0];

describe('validatedParts of JSON', () => {
  it('holds a right answer until it is whole, and passes its pieces on', async () => {
    const placement = new Scripted(false, [[text('{"a"'), text(': 1}'), end()]]);

    expect(await run(placement, JSON_REQUEST)).toEqual({ parts: [text('{"a"'), text(': 1}'), end()] });
  });

  it.each([
    ['a fence', '```json\n{"a": 1}\n```'],
    ['words around it', 'Here you are: {"a": 1} — enjoy!'],
    ['words and a fence', 'Sure:\n\n```\n{"a": 1}\n```'],
  ])('takes away %s without asking again', async (_what, answer) => {
    const placement = new Scripted(false, [[text(answer), end()]]);

    const seen = await run(placement, JSON_REQUEST);

    expect(said(seen)).toBe('{"a": 1}');
    expect(placement.asked).toHaveLength(1);
  });

  it('asks once more with the faulty answer and what is wrong, and sums the usage', async () => {
    const placement = new Scripted(false, [
      [text('{"a": "x"}'), end()],
      [text('{"a": 2}'), end()],
    ]);

    const seen = await run(placement, JSON_REQUEST);

    expect(said(seen)).toBe('{"a": 2}');
    expect(usage(seen)).toEqual({ inputTokens: 10, outputTokens: 4 });
    const [, assistant, user] = placement.asked[1]?.messages ?? [];
    expect(assistant).toMatchObject({ role: 'assistant', content: [{ text: '{"a": "x"}' }] });
    expect(user).toMatchObject({
      role: 'user',
      content: [{ text: expect.stringContaining('at /a: must be integer') }],
    });
    expect(placement.freed).toBe(2);
  });

  it('gives up after the second, with path and rule and no word of the answer', async () => {
    const placement = new Scripted(false, [
      [text('{"a": "secret"}'), end()],
      [text('{"a": "secret"}'), end()],
      [text('{"a": 1}'), end()],
    ]);

    const { parts, error } = await run(placement, JSON_REQUEST);

    expect(parts).toEqual([]);
    expect(error).toMatchObject({
      code: 'invalid_output',
      message: expect.stringContaining('at /a: must be integer'),
    });
    expect(String(error)).not.toContain('secret');
    expect(placement.asked).toHaveLength(2);
  });

  it('says that max tokens ended it, and does not ask again', async () => {
    const placement = new Scripted(false, [
      [text('{"a": 1'), end('length')],
      [text('{"a": 1}'), end()],
    ]);

    const { error } = await run(placement, JSON_REQUEST);

    expect(error).toMatchObject({
      code: 'invalid_output',
      retryable: false,
      message: expect.stringContaining('most tokens'),
    });
    expect(placement.asked).toHaveLength(1);
  });

  it('passes the parts of a placement that enforces the form at once, and checks them all the same', async () => {
    const placement = new Scripted(true, [
      [text('{"a"'), text(': "x"}'), end()],
      [text('{"a": 1}'), end()],
    ]);

    const { parts, error } = await run(placement, JSON_REQUEST);

    expect(parts).toEqual([text('{"a"'), text(': "x"}')]);
    expect(error).toMatchObject({ code: 'invalid_output' });
    expect(placement.asked).toHaveLength(1);
  });

  it('holds no more than a bounded answer', async () => {
    const placement = new Scripted(false, [
      [...Array.from({ length: 3 }, () => text(' '.repeat(500_000))), end()],
    ]);

    expect((await run(placement, JSON_REQUEST)).error).toMatchObject({
      code: 'invalid_output',
      retryable: false,
    });
  });

  it('wants an object where a JSON object is asked for', async () => {
    const asked = request({ responseFormat: { type: 'json_object' } });

    expect(said(await run(new Scripted(false, [[text('{}'), end()]]), asked))).toBe('{}');
    const list = new Scripted(false, [
      [text('[1]'), end()],
      [text('[1]'), end()],
    ]);
    expect((await run(list, asked)).error).toMatchObject({ code: 'invalid_output' });
  });
});

describe('validatedParts of tool calls', () => {
  it('passes text at once and calls when they are checked', async () => {
    const parts = [text('Let me see.'), ...called('f', '{"n": 1}'), end('tool_calls')];

    expect(await run(new Scripted(false, [parts]), request({ tools: TOOLS }))).toEqual({ parts });
  });

  it.each([
    ['another tool', called('g', '{}'), request({ tools: TOOLS }), /names no tool/],
    ['broken arguments', called('f', '{"n": '), request({ tools: TOOLS }), /not JSON/],
    ['arguments that are no object', called('f', '[]'), request({ tools: TOOLS }), /no object/],
    ['wrong arguments', called('f', '{"n": "x"}'), request({ tools: TOOLS }), /at \/n: must be integer/],
    [
      'text where a call is required',
      [text('no')],
      request({ tools: TOOLS, toolChoice: 'required' }),
      /none was/,
    ],
    [
      'a call where none may be',
      called('f', '{}'),
      request({ tools: TOOLS, toolChoice: 'none' }),
      /none may be/,
    ],
    ['a call without tools', called('f', '{}'), request({}), /none may be/],
    ['a malformed call as text', [text('<tool_call>\n{"name": "f"')], request({ tools: TOOLS }), /malformed/],
    [
      'two calls where one may be',
      [
        ...called('f', '{}'),
        { type: 'tool-call-delta', index: 1, id: 'c2', name: 'f', arguments: '{}' } as const,
      ],
      request({ tools: TOOLS, parallelToolCalls: false }),
      /several/,
    ],
  ])('asks again for, and refuses, %s', async (_what, faulty, asked, message) => {
    const never = new Scripted(false, [
      [...faulty, end()],
      [...faulty, end()],
    ]);
    const { error, parts } = await run(never, asked);

    expect(error).toMatchObject({ code: 'invalid_output', message: expect.stringMatching(message) });
    expect(parts.filter(({ type }) => type === 'tool-call-delta')).toEqual([]);
    expect(never.asked).toHaveLength(2);
  });

  it('uses the second answer’s calls after the first one’s text', async () => {
    const placement = new Scripted(false, [
      [text('Let me see.'), ...called('f', '{"n": "x"}'), end('tool_calls')],
      [text('Sorry.'), ...called('f', '{"n": 1}'), end('tool_calls')],
    ]);

    const seen = await run(placement, request({ tools: TOOLS }));

    expect(said(seen)).toBe('Let me see.');
    expect(seen.parts.slice(1, 3)).toEqual(called('f', '{"n": 1}'));
  });

  it('reads no arguments as an empty object', async () => {
    const seen = await run(
      new Scripted(false, [[...called('f', ''), end('tool_calls')]]),
      request({ tools: TOOLS }),
    );

    expect(seen.parts[0]).toEqual({
      type: 'tool-call-delta',
      index: 0,
      id: 'call_1',
      name: 'f',
      arguments: '{}',
    });
  });

  it('lets long text through that need not be checked', async () => {
    const long = Array.from({ length: 4 }, () => text('x'.repeat(500_000)));

    expect(
      (await run(new Scripted(false, [[...long, end()]]), request({ tools: TOOLS }))).parts,
    ).toHaveLength(5);
  });
});
