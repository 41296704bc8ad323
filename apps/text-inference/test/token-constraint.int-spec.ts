import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allowedTokens, lets, sample, seeded, STOP, VOCABULARY } from './byte-vocabulary.js';
import type { SchemaObject } from '../src/structure/merge-schemas.js';
import type { OutputStructure } from '../src/structure/output-structure.js';
import { type ConstraintCompiler, createConstraintCompiler } from '../src/structure/token-constraint.js';

let compiler: ConstraintCompiler;
beforeAll(async () => {
  compiler = await createConstraintCompiler(VOCABULARY);
});
afterAll(() => {
  compiler[Symbol.dispose]();
});

const ajv = new Ajv2020({ strict: false, validateFormats: false });
const person: SchemaObject = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 8 },
    age: { type: 'integer', minimum: 0, maximum: 120 },
    tags: { type: 'array', items: { type: 'string', maxLength: 4 }, minItems: 1, maxItems: 3 },
    address: {
      type: 'object',
      properties: {
        city: { enum: ['上海', '北京', 'New "York"\n'] },
        zip: { type: ['string', 'null'], maxLength: 5 },
      },
      required: ['city'],
    },
  },
  required: ['name', 'address'],
  additionalProperties: false,
};
const SCHEMAS: readonly (readonly [string, SchemaObject])[] = [
  ['a nested object with optional members', person],
  ['a list of objects', { type: 'array', items: person, minItems: 1, maxItems: 2 }],
  ['an enumeration of several types', { enum: ['甲', 3, null, true, { a: [1, 'x'] }] }],
  ['a constant', { const: { kind: '发票', n: [1, 2] } }],
  ['whole numbers in a range', { type: 'integer', minimum: -37, maximum: 1204 }],
  ['whole numbers in an open range', { type: 'integer', exclusiveMinimum: 99, exclusiveMaximum: 102 }],
  ['numbers in a range', { type: 'number', minimum: -2, maximum: 5 }],
  ['numbers that are not negative', { type: 'number', minimum: 0 }],
  [
    'one of several forms',
    {
      anyOf: [
        { type: 'string', maxLength: 3 },
        { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] },
        { type: 'null' },
      ],
    },
  ],
  [
    'one of several forms of one object',
    {
      type: 'object',
      properties: { kind: { type: 'string' } },
      required: ['kind'],
      anyOf: [
        { properties: { kind: { const: 'a' }, x: { type: 'integer' } }, required: ['x'] },
        { properties: { kind: { const: 'b' }, y: { type: 'boolean' } }, required: ['y'] },
      ],
    },
  ],
  [
    'all of several forms',
    {
      allOf: [{ type: 'object', properties: { a: { type: 'string' } } }, { $ref: '#/$defs/b' }],
      $defs: { b: { properties: { b: { type: 'integer' } }, required: ['b', 'a'] } },
    },
  ],
  [
    'a recursive form',
    {
      $ref: '#/$defs/node',
      $defs: {
        node: {
          type: 'object',
          properties: {
            value: { type: 'integer' },
            next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] },
          },
          required: ['value', 'next'],
        },
      },
    },
  ],
  [
    'further members of another type',
    {
      type: 'object',
      properties: { ab: { type: 'integer' }, a: { type: 'null' } },
      additionalProperties: { type: 'boolean' },
      required: ['ab'],
    },
  ],
  [
    'a bounded number of members',
    { type: 'object', minProperties: 1, maxProperties: 2, additionalProperties: { type: 'integer' } },
  ],
  [
    'a tuple',
    {
      type: 'array',
      prefixItems: [{ type: 'string', maxLength: 2 }, { type: 'boolean' }],
      items: false,
      minItems: 2,
    },
  ],
  [
    'a tuple with more',
    { type: 'array', prefixItems: [{ type: 'boolean' }], items: { type: 'null' }, minItems: 3, maxItems: 4 },
  ],
  ['required members that are not described', { type: 'object', required: ['甲'] }],
  ['a string of a length', { type: 'string', minLength: 3, maxLength: 6 }],
  ['anything', {}],
];

describe('JSON under a mask', () => {
  it.each(SCHEMAS)('is valid whatever is sampled: %s', async (_what, schema) => {
    const validate = ajv.compile(schema);
    const seen = new Set<string>();
    for (let seed = 1; seed <= 12; seed += 1) {
      using constraint = await compiler.compile({ kind: 'json-schema', schema });
      const text = await sample(constraint, seeded(seed));
      seen.add(text);
      expect(validate(JSON.parse(text)), `${text} ${JSON.stringify(validate.errors)}`).toBe(true);
    }
    expect(seen.size).toBeGreaterThan(schema['const'] === undefined ? 1 : 0);
  });

  it('is an object whatever is sampled', async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      using constraint = await compiler.compile({ kind: 'json-object' });
      expect(Object.prototype.toString.call(JSON.parse(await sample(constraint, seeded(seed))))).toBe(
        '[object Object]',
      );
    }
  });

  it.each([
    ['compact', '{"name":"王","address":{"city":"上海"}}', true],
    [
      'as json.dumps writes it',
      '{"name": "王", "age": 42, "tags": ["a", "b"], "address": {"city": "上海", "zip": null}}',
      true,
    ],
    ['in lines', '{\n\t"name": "\\u738b😀",\n "address": {"city": "北京"}\n}', true],
    ['a missing member', '{"name": "王"}', false],
    ['another member', '{"name": "王", "address": {"city": "上海"}, "x": 1}', false],
    ['a number out of range', '{"name": "王", "age": 121, "address": {"city": "上海"}}', false],
    ['blanks without end', '{   "name": "王", "address": {"city": "上海"}}', false],
    ['half a surrogate pair', '{"name": "\\ud83d", "address": {"city": "上海"}}', false],
    ['a control character', '{"name": "a\nb", "address": {"city": "上海"}}', false],
    ['text after it', '{"name": "王", "address": {"city": "上海"}} ok', false],
  ])('knows what may be written: %s', async (_what, text, expected) => {
    using constraint = await compiler.compile({ kind: 'json-schema', schema: person });
    expect(await lets(constraint, text)).toBe(expected);
  });

  it.each([
    [
      { type: 'integer', minimum: 7, maximum: 1030 },
      [7, 9, 10, 99, 100, 999, 1000, 1029, 1030],
      [6, 0, 1031, 2000, -7, 10300],
    ],
    [{ type: 'integer', minimum: -15, maximum: -3 }, [-3, -15, -10], [-2, -16, 3, 0]],
    [{ type: 'integer', exclusiveMinimum: 99 }, [100, 999, 123456], [99, -100, 5]],
    [{ type: 'number', minimum: 0, maximum: 1 }, [0, 0.5, 1, 0.999], [1.5, -0.5, 2]],
    [{ type: 'number', minimum: -2, maximum: 10 }, [-2, -1.5, 0, 9.99, 10], [-2.5, 10.5, 11]],
  ] as const)('counts: %j', async (schema, inside, outside) => {
    for (const value of [...inside, ...outside]) {
      using constraint = await compiler.compile({ kind: 'json-schema', schema });
      expect([value, await lets(constraint, String(value))]).toEqual([
        value,
        (inside as readonly number[]).includes(value),
      ]);
    }
  });

  it('follows a reference that leads back to itself only where something is said in between', async () => {
    using constraint = await compiler.compile({
      kind: 'json-schema',
      schema: { anyOf: [{ $ref: '#' }, { type: 'boolean' }, { type: 'array', items: { $ref: '#' } }] },
    });
    expect(await lets(constraint, '[true, [[], false]]')).toBe(true);
  });

  it('spells and tells apart names of any characters', async () => {
    const names = [
      'a"b',
      'a\\b',
      '\n',
      '😀',
      ']',
      '-',
      '^',
      '甲',
      '',
      'a-]b',
      '\0',
      ' x ',
      '\u2028',
      '# x',
      '\u007f',
    ];
    const schema = (value: (name: string) => SchemaObject): SchemaObject => ({
      type: 'object',
      properties: Object.fromEntries(names.map((name) => [name, value(name)])),
      additionalProperties: { type: 'integer' },
    });
    const named = Object.fromEntries(names.map((name) => [name, name]));
    using spelling = await compiler.compile({
      kind: 'json-schema',
      schema: schema((name) => ({ const: name })),
    });
    expect(await lets(spelling, JSON.stringify(named))).toBe(true);
    const nothing = schema(() => ({ type: 'null' }));
    const validate = ajv.compile(nothing);
    for (let seed = 1; seed <= 12; seed += 1) {
      using constraint = await compiler.compile({ kind: 'json-schema', schema: nothing });
      const text = await sample(constraint, seeded(seed));
      expect(validate(JSON.parse(text)), text).toBe(true);
    }
  });

  it('gives up on schemas that unfold without bound', async () => {
    const $defs: Record<string, unknown> = { d30: { type: 'object' } };
    for (let index = 0; index < 30; index += 1) {
      const next = { $ref: `#/$defs/d${index + 1}`, type: 'object' };
      $defs[`d${index}`] = { properties: { x: next, y: next } };
    }

    await expect(
      compiler.compile({ kind: 'json-schema', schema: { $defs, $ref: '#/$defs/d0' } }),
    ).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('counts only as many characters and items as compile soon', async () => {
    const properties = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [`p${index}`, { type: 'string', maxLength: 50 + index }]),
    );
    using constraint = await compiler.compile({
      kind: 'json-schema',
      schema: { type: 'object', properties },
    });

    expect(await lets(constraint, `{"p0": "${'x'.repeat(51)}`)).toBe(false);
  }, 5_000);

  it('allows only stop tokens when it is complete, and nothing after one', async () => {
    using constraint = await compiler.compile({ kind: 'json-schema', schema: { const: 1 } });
    constraint.accept('1'.charCodeAt(0));
    expect(await allowedTokens(constraint)).toEqual([STOP]);
    expect(() => constraint.accept(50)).toThrow('not allowed');
    constraint.accept(STOP);
    expect(constraint.terminated).toBe(true);
    await expect(constraint.allowed()).rejects.toMatchObject({ code: 'internal' });
  });

  it.each([
    [{ type: 'integer', minimum: 3, maximum: 1 }],
    [{ type: 'object', properties: { a: false }, required: ['a'] }],
    [{ $ref: '#' }],
    [{ enum: [] }],
  ])('refuses what nothing satisfies: %j', async (schema) => {
    await expect(compiler.compile({ kind: 'json-schema', schema })).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  it('gives up grammars that were not asked for lately, and constraints over them go on', async () => {
    using constraint = await compiler.compile({ kind: 'json-schema', schema: { const: 'first' } });
    for (let index = 0; index < 40; index += 1) {
      (await compiler.compile({ kind: 'json-schema', schema: { const: index } }))[Symbol.dispose]();
    }
    expect(await lets(constraint, '"first"')).toBe(true);
  });
});

const tools = [
  {
    name: 'weather',
    parameters: {
      type: 'object',
      properties: {
        city: { type: 'string', maxLength: 6 },
        days: { type: 'integer', minimum: 1, maximum: 7 },
      },
      required: ['city'],
      additionalProperties: false,
    },
  },
  { name: 'now', parameters: { type: 'object', properties: {}, additionalProperties: false } },
];
const calls = (overrides: Partial<Extract<OutputStructure, { kind: 'tool-calls' }>>): OutputStructure => ({
  kind: 'tool-calls',
  tools,
  choice: 'auto',
  parallel: true,
  ...overrides,
});
const CALL = /<tool_call>([^]*?)<\/tool_call>/g;

function checkCalls(text: string): string[] {
  return Array.from(text.matchAll(CALL), ([, json = '']) => {
    const call = JSON.parse(json) as { name: string; arguments: unknown };
    const tool = tools.find(({ name }) => name === call.name);
    expect(tool !== undefined && ajv.validate(tool.parameters, call.arguments), json).toBe(true);
    return call.name;
  });
}

describe('tool calls under a mask', () => {
  it.each([
    ['required', calls({ choice: 'required' }), ['weather', 'now'], 1, 16],
    ['required, one', calls({ choice: 'required', parallel: false }), ['weather', 'now'], 1, 1],
    ['named', calls({ choice: { name: 'now' }, parallel: false }), ['now'], 1, 1],
  ] as const)('are valid whatever is sampled: %s', async (_what, structure, names, least, most) => {
    for (let seed = 1; seed <= 15; seed += 1) {
      using constraint = await compiler.compile(structure);
      const text = await sample(constraint, seeded(seed));
      const called = checkCalls(text);
      expect(text.replaceAll(CALL, '').trim()).toBe('');
      expect(called.length).toBeGreaterThanOrEqual(least);
      expect(called.length).toBeLessThanOrEqual(most);
      expect(called.every((name) => (names as readonly string[]).includes(name))).toBe(true);
    }
  });

  it('are valid in text that is free, once their mark was said', async () => {
    let found = 0;
    for (let seed = 1; seed <= 15; seed += 1) {
      using constraint = await compiler.compile(calls({}));
      for (const byte of Buffer.from('好的。<tool_call>')) constraint.accept(byte);
      const text = `<tool_call>${await sample(constraint, seeded(seed), 20_000)}`;
      found += checkCalls(text).length;
    }
    expect(found).toBeGreaterThanOrEqual(15);
  });

  it('leave text free while none has begun', async () => {
    using constraint = await compiler.compile(calls({}));
    expect(await lets(constraint, '你好！ a < b, <tool_box> {"name"')).toBe(true);
  });

  it.each([
    [
      'in Qwen’s form',
      calls({}),
      '<tool_call>\n{"name": "weather", "arguments": {"city": "上海"}}\n</tool_call>',
      true,
    ],
    [
      'without blanks',
      calls({ choice: 'required' }),
      '<tool_call>{"name":"now","arguments":{}}</tool_call>',
      true,
    ],
    [
      'two in lines',
      calls({}),
      '<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>\n<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>',
      true,
    ],
    [
      'two where one is allowed',
      calls({ parallel: false }),
      '<tool_call>{"name": "now", "arguments": {}}</tool_call><tool_call>',
      false,
    ],
    ['text where a call is required', calls({ choice: 'required' }), 'hi', false],
    ['another tool', calls({}), '<tool_call>\n{"name": "fly", "arguments": {}}\n</tool_call>', false],
    [
      'wrong arguments',
      calls({}),
      '<tool_call>\n{"name": "weather", "arguments": {"city": 3}}\n</tool_call>',
      false,
    ],
    ['JSON where nothing is called', calls({ otherwise: { kind: 'json-object' } }), '{"a": 1}', true],
    [
      'a call beside a response format',
      calls({ otherwise: { kind: 'json-object' } }),
      '<tool_call>{"name": "now", "arguments": {}}</tool_call>',
      true,
    ],
    ['text beside a response format', calls({ otherwise: { kind: 'json-object' } }), 'hi', false],
  ] as const)('may be written: %s', async (_what, structure, text, expected) => {
    using constraint = await compiler.compile(structure);
    expect(await lets(constraint, text)).toBe(expected);
  });
});
