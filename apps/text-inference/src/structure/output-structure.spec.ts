import { expect, it } from 'vitest';
import { structureInstructions, structureOf } from './output-structure.js';

const schema = { type: 'object' };
const format = { type: 'json_schema' as const, name: 'n', schema };

it.each([
  ['nothing', {}, undefined],
  ['text', { responseFormat: { type: 'text' as const } }, undefined],
  ['an object', { responseFormat: { type: 'json_object' as const } }, { kind: 'json-object' }],
  ['a schema', { responseFormat: format }, { kind: 'json-schema', schema }],
  [
    'tools that may not be called',
    { tools: [{ name: 'f' }], toolChoice: 'none' as const, responseFormat: format },
    { kind: 'json-schema', schema },
  ],
  [
    'tools',
    { tools: [{ name: 'f', parameters: { properties: { a: {} } } }], parallelToolCalls: false },
    {
      kind: 'tool-calls',
      tools: [{ name: 'f', parameters: { type: 'object', properties: { a: {} } } }],
      choice: 'auto',
      parallel: false,
    },
  ],
  [
    'tools beside a format',
    { tools: [{ name: 'f', parameters: schema }], responseFormat: format },
    {
      kind: 'tool-calls',
      tools: [{ name: 'f', parameters: schema }],
      choice: 'auto',
      parallel: true,
      otherwise: { kind: 'json-schema', schema },
    },
  ],
])('knows the form that is asked for: %s', (_what, asked, expected) => {
  expect(structureOf(asked)).toEqual(expected);
});

it('says it in words', () => {
  expect(structureInstructions({})).toBeUndefined();
  expect(structureInstructions({ responseFormat: { type: 'json_object' } })).toBe(
    'Answer with one JSON object and nothing else.',
  );
  expect(structureInstructions({ responseFormat: format })).toBe(
    'Answer with one JSON value that matches this JSON Schema, and nothing else:\n{"type":"object"}',
  );
});
