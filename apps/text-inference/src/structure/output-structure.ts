import type { GenerateRequest } from '@trivium/contracts/generate';
import type { SchemaObject } from './merge-schemas.js';

export interface CallableTool {
  readonly name: string;
  /** JSON Schema of the arguments: an object. */
  readonly parameters: SchemaObject;
}

export type JsonStructure =
  { readonly kind: 'json-object' } | { readonly kind: 'json-schema'; readonly schema: SchemaObject };

/** What the form of an answer has to be; plain data, that crosses threads and serves as the key of a cache. */
export type OutputStructure =
  | JsonStructure
  | {
      readonly kind: 'tool-calls';
      readonly tools: readonly CallableTool[];
      readonly choice: 'auto' | 'required' | { readonly name: string };
      readonly parallel: boolean;
      /** With `auto`: the form of an answer that calls nothing; absent: any text. */
      readonly otherwise?: JsonStructure;
    };

type Asked = Pick<GenerateRequest, 'tools' | 'toolChoice' | 'parallelToolCalls' | 'responseFormat'>;

/** The form that a request asks for; undefined: any text will do. A response format is for answers that call no tool. */
export function structureOf(request: Asked): OutputStructure | undefined {
  const { tools = [], toolChoice = 'auto', responseFormat } = request;
  const formatted = formatOf(responseFormat);
  if (tools.length === 0 || toolChoice === 'none') return formatted;
  return {
    kind: 'tool-calls',
    tools: tools.map(({ name, parameters = NO_ARGUMENTS }) => ({
      name,
      parameters: { type: 'object', ...parameters },
    })),
    choice: toolChoice,
    parallel: request.parallelToolCalls ?? true,
    ...(toolChoice === 'auto' && formatted !== undefined ? { otherwise: formatted } : {}),
  };
}

const NO_ARGUMENTS: SchemaObject = { type: 'object', properties: {}, additionalProperties: false };

function formatOf(format: Asked['responseFormat']): JsonStructure | undefined {
  if (format?.type === 'json_object') return { kind: 'json-object' };
  return format?.type === 'json_schema' ? { kind: 'json-schema', schema: format.schema } : undefined;
}

/** What a model that is not constrained has to be told about the form; undefined: nothing. */
export function structureInstructions({
  responseFormat,
}: Pick<GenerateRequest, 'responseFormat'>): string | undefined {
  if (responseFormat?.type === 'json_object') return 'Answer with one JSON object and nothing else.';
  if (responseFormat?.type !== 'json_schema') return undefined;
  return `Answer with one JSON value that matches this JSON Schema, and nothing else:\n${JSON.stringify(responseFormat.schema)}`;
}
