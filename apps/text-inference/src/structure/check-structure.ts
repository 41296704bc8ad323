import { DomainError } from '@trivium/contracts';
import type { GenerateRequest } from '@trivium/contracts/generate';
import { isSchemaObject, type SchemaObject } from './merge-schemas.js';
import { validatorOf } from './schema-validator.js';

type Asked = Pick<GenerateRequest, 'tools' | 'toolChoice' | 'responseFormat'>;

/** Refuses, before anything runs, tools and formats that cannot be checked: `invalid_request`, with the param to blame. */
export function checkStructure({ tools = [], toolChoice, responseFormat }: Asked): void {
  for (const [index, { name, parameters }] of tools.entries()) {
    if (tools.findIndex((other) => other.name === name) < index) {
      throw blaming(`tools[${index}].function.name`, 'another tool has this name.');
    }
    if (parameters !== undefined) checkParameters(parameters, `tools[${index}].function.parameters`);
  }
  if (toolChoice === 'required' && tools.length === 0) {
    throw blaming('tool_choice', "it requires a call, but there are no 'tools'.");
  }
  if (typeof toolChoice === 'object' && !tools.some(({ name }) => name === toolChoice.name)) {
    throw blaming('tool_choice', "it names a tool that is not among 'tools'.");
  }
  if (responseFormat?.type === 'json_schema') {
    checkSchema(responseFormat.schema, 'response_format.json_schema.schema');
  }
}

function checkParameters(parameters: SchemaObject, param: string): void {
  const { type } = parameters;
  const object = type === undefined ? Object.keys(parameters).every(speaksOfObjects) : type === 'object';
  if (!object) throw blaming(param, "it must be a JSON Schema of type 'object'.");
  checkSchema(parameters, param);
}

function speaksOfObjects(keyword: string): boolean {
  return keyword.startsWith('$') || OBJECT_KEYWORDS.has(keyword);
}

const OBJECT_KEYWORDS = new Set(
  'properties required additionalProperties patternProperties description title definitions'.split(' '),
);

function checkSchema(schema: SchemaObject, param: string): void {
  if (!isSchemaObject(schema)) throw blaming(param, 'it must be a JSON Schema.');
  try {
    validatorOf(schema);
  } catch (error) {
    if (!DomainError.is(error)) throw error;
    throw blaming(param, error.message);
  }
}

function blaming(param: string, message: string): DomainError {
  return new DomainError('invalid_request', `'${param}': ${message}`, { param });
}
