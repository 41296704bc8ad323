import { DomainError } from '@trivium/contracts';
import type { Message, ToolCall } from '@trivium/contracts/content';
import type { Tool } from '@trivium/contracts/generate';

/** A message as Hugging Face chat templates read it. */
export interface ChatMessage {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: string;
  name?: string;
  tool_call_id?: string;
  tool_calls?: {
    id: string;
    type: 'function';
    function: { name: string; arguments: Record<string, unknown> };
  }[];
}

export interface ChatTool {
  type: 'function';
  function: { name: string; description?: string; parameters?: Record<string, unknown> };
}

export function chatTool({ name, description, parameters }: Tool): ChatTool {
  return {
    type: 'function',
    function: {
      name,
      ...(description !== undefined && { description }),
      ...(parameters !== undefined && { parameters }),
    },
  };
}

/**
 * Messages in the same order, `developer` read as `system`.
 * Throws `unsupported_parameter` for a part that is not text, `invalid_request` for arguments of an
 * earlier tool call that are no JSON object.
 */
export function chatMessages(messages: readonly Message[]): ChatMessage[] {
  const names = new Map<string, string>();
  return messages.map((message, index) => {
    const { role, toolCalls, toolCallId } = message;
    for (const { id, name } of toolCalls ?? []) names.set(id, name);
    const name = message.name ?? (toolCallId === undefined ? undefined : names.get(toolCallId));
    return {
      role: role === 'developer' ? 'system' : role,
      content: textOf(message, index),
      ...(name !== undefined && { name }),
      ...(toolCallId !== undefined && { tool_call_id: toolCallId }),
      ...(toolCalls !== undefined &&
        toolCalls.length > 0 && {
          tool_calls: toolCalls.map((call, at) => ({
            id: call.id,
            type: 'function' as const,
            function: {
              name: call.name,
              arguments: argumentsOf(call, `messages[${String(index)}].toolCalls[${String(at)}].arguments`),
            },
          })),
        }),
    };
  });
}

function textOf({ content }: Message, index: number): string {
  return content
    .map((part, at) => {
      if (part.type === 'text') return part.text;
      throw new DomainError('unsupported_parameter', `This model reads text only, not ${part.type}`, {
        param: part.path ?? `messages[${String(index)}].content[${String(at)}]`,
      });
    })
    .join('');
}

function argumentsOf(call: ToolCall, param: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(call.arguments === '' ? '{}' : call.arguments);
  } catch (cause) {
    throw new DomainError('invalid_request', 'The arguments of a tool call must be JSON', { param, cause });
  }
  if (isObject(value)) return value;
  throw new DomainError('invalid_request', 'The arguments of a tool call must be a JSON object', { param });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
