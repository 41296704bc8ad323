import { type GenerateRequest } from '@trivium/contracts/generate';
import { describe, expect, it } from 'vitest';
import { checkStructure } from './check-structure.js';

type Given = Partial<Pick<GenerateRequest, 'tools' | 'toolChoice' | 'responseFormat'>>;
const SCHEMA = 'response_format.json_schema.schema';
const format = (schema: Record<string, unknown>): Given => ({
  responseFormat: { type: 'json_schema', name: 'n', schema },
});
const tool = (parameters: Record<string, unknown>): Given => ({
  tools: [{ name: 'a' }, { name: 'b' }, { name: 'c', parameters }],
});
const nested = (levels: number): Record<string, unknown> =>
  levels === 0 ? {} : { type: 'array', items: nested(levels - 1) };
const PARAMETERS = 'tools[2].function.parameters';

describe('checkStructure', () => {
  it.each<readonly [string, Given, string, RegExp]>([
    ['an unknown type', format({ type: 'foo' }), SCHEMA, /type/],
    ['a keyword of the wrong type', format({ required: 'a' }), SCHEMA, /required/],
    ['a pattern that is none', format({ type: 'string', pattern: '(' }), SCHEMA, /regular expression/i],
    ['a long pattern', format({ type: 'string', pattern: 'a'.repeat(600) }), SCHEMA, /512/],
    ['a remote reference', format({ $ref: 'https://example.com/s.json' }), SCHEMA, /leads out/],
    ['a reference to nothing', format({ properties: { a: { $ref: '#/$defs/x' } } }), SCHEMA, /leads nowhere/],
    ['a reference by anchor', format({ $ref: '#x' }), SCHEMA, /leads nowhere/],
    ['a reference to itself', format({ anyOf: [{ $ref: '#' }, { type: 'null' }] }), SCHEMA, /without end/],
    ['a schema of its own inside', format({ properties: { a: { $id: 'x' } } }), SCHEMA, /\$id/],
    ['an asynchronous schema', format({ $async: true }), SCHEMA, /\$async/],
    ['too many levels', format(nested(80)), SCHEMA, /nested/],
    ['too much', format({ description: 'x'.repeat(200_000) }), SCHEMA, /characters/],
    ['what nothing satisfies', format({ type: 'integer', minimum: 2, maximum: 1 }), SCHEMA, /No value/],
    ['parameters that are no object', tool({ type: 'string' }), PARAMETERS, /object/],
    ['parameters that speak of lists', tool({ items: {} }), PARAMETERS, /object/],
    ['parameters that are invalid', tool({ type: 'object', properties: 3 }), PARAMETERS, /properties/],
    ['a name twice', { tools: [{ name: 'a' }, { name: 'a' }] }, 'tools[1].function.name', /another tool/],
    [
      'a choice of what is not there',
      { tools: [{ name: 'a' }], toolChoice: { name: 'b' } },
      'tool_choice',
      /not among/,
    ],
    ['a call of nothing', { toolChoice: 'required' }, 'tool_choice', /no 'tools'/],
    ['a choice without tools', { toolChoice: { name: 'b' } }, 'tool_choice', /not among/],
  ])('refuses %s', (_what, given, param, message) => {
    expect(() => checkStructure(given)).toThrow(
      expect.objectContaining({ code: 'invalid_request', param, message: expect.stringMatching(message) }),
    );
  });

  it.each<readonly [string, Given]>([
    ['nothing', {}],
    [
      'a draft-07 schema with an id',
      format({
        $schema: 'http://json-schema.org/draft-07/schema#',
        $id: 'https://example.com/a',
        definitions: { x: { type: 'null' } },
        $ref: '#/definitions/x',
      }),
    ],
    [
      'properties with the names of keywords',
      format({ properties: { $ref: { type: 'string' }, $id: {}, pattern: {} } }),
    ],
    ['a reference that is data', format({ const: { $ref: 'https://example.com' } })],
    ['a recursive schema', format({ properties: { next: { $ref: '#' } } })],
    ['tools', { ...tool({ properties: { a: {} } }), toolChoice: 'required' }],
    ['parameters without a word', tool({})],
  ])('accepts %s', (_what, given) => {
    expect(() => checkStructure(given)).not.toThrow();
  });

  it('takes the same id from two callers', () => {
    checkStructure(format({ $id: 'same', type: 'string' }));
    expect(() => checkStructure(format({ $id: 'same', type: 'number' }))).not.toThrow();
  });
});
