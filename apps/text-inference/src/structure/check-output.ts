import type { GenerateRequest } from '@trivium/contracts/generate';
import { isSchemaObject } from './merge-schemas.js';
import { validatorOf } from './schema-validator.js';
import { CALL_BEGIN } from './tool-call-marks.js';

export interface ToolCall {
  readonly id: string | undefined;
  readonly name: string;
  readonly arguments: string;
}

/** A whole answer. */
export interface Output {
  readonly text: string;
  readonly calls: readonly ToolCall[];
}

type Asked = Pick<GenerateRequest, 'tools' | 'toolChoice' | 'parallelToolCalls' | 'responseFormat'>;

const MALFORMED_CALL = new RegExp(`${CALL_BEGIN}\\s*\\{`);

/** Whether an answer without calls has to be JSON. */
export function asksForJson({ responseFormat }: Asked): boolean {
  return responseFormat !== undefined && responseFormat.type !== 'text';
}

/** What is wrong with an answer, by place and rule; undefined: nothing. */
export function faultIn(output: Output, asked: Asked): string | undefined {
  const { tools = [], toolChoice = 'auto' } = asked;
  if (output.calls.length > 0) return faultInCalls(output.calls, asked);
  if (tools.length > 0 && toolChoice !== 'none') {
    if (toolChoice !== 'auto') return 'a tool must be called, and none was';
    if (MALFORMED_CALL.test(output.text)) return 'a tool call is malformed';
  }
  return asksForJson(asked) ? faultInJson(output.text, asked) : undefined;
}

function faultInCalls(calls: readonly ToolCall[], asked: Asked): string | undefined {
  const { tools = [], toolChoice = 'auto', parallelToolCalls = true } = asked;
  if (tools.length === 0 || toolChoice === 'none') return 'a tool was called, and none may be';
  if (!parallelToolCalls && calls.length > 1) return 'several tools were called, and one may be';
  for (const [index, call] of calls.entries()) {
    const tool = tools.find(({ name }) => name === call.name);
    if (tool === undefined) return `tool call ${index + 1} names no tool that there is`;
    if (typeof toolChoice === 'object' && toolChoice.name !== call.name) {
      return `tool call ${index + 1} is not of the tool that must be called`;
    }
    const value = parsed(call.arguments);
    if (value === undefined) return `the arguments of tool call ${index + 1} are not JSON`;
    if (!isSchemaObject(value.json)) return `the arguments of tool call ${index + 1} are no object`;
    const fault = tool.parameters && validatorOf(tool.parameters).check(value.json);
    if (fault !== undefined) return `the arguments of tool call ${index + 1}, ${fault}`;
  }
  return undefined;
}

function faultInJson(text: string, { responseFormat }: Asked): string | undefined {
  const value = parsed(text);
  if (value === undefined) return 'it is not one JSON value';
  if (responseFormat?.type === 'json_schema') return validatorOf(responseFormat.schema).check(value.json);
  return isSchemaObject(value.json) ? undefined : 'it is no JSON object';
}

/**
 * The same answer without what often stands around the right one: fences and text around a single JSON value,
 * and no arguments at all where a tool takes none. The same object where there is nothing to take away.
 */
export function mended(output: Output, asked: Asked): Output {
  if (output.calls.length > 0) {
    if (output.calls.every((call) => call.arguments.trim() !== '')) return output;
    const calls = output.calls.map((call) =>
      call.arguments.trim() === '' ? { ...call, arguments: '{}' } : call,
    );
    return { ...output, calls };
  }
  const inner = asksForJson(asked) ? singleJson(output.text) : undefined;
  return inner === undefined ? output : { ...output, text: inner };
}

/** From the first bracket to the last; no JSON where there are two values, which leaves open which was meant. */
function singleJson(text: string): string | undefined {
  const fenced = /^[^]*?```(?:json)?\s*\n([^]*?)\n?```\s*$/i.exec(text)?.[1];
  for (const candidate of [fenced, text]) {
    if (candidate === undefined) continue;
    const start = candidate.search(/[{[]/);
    const end = Math.max(candidate.lastIndexOf('}'), candidate.lastIndexOf(']'));
    const inner = start === -1 ? candidate.trim() : candidate.slice(start, end + 1);
    if (parsed(inner) !== undefined) return inner;
  }
  return undefined;
}

function parsed(text: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}
