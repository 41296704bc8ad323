import { DomainError } from '@trivium/contracts';
import type { Binary, ContentPart, Message } from '@trivium/contracts/content';
import type { GenerateRequest } from '@trivium/contracts/generate';
import type { Parameter, PlacementSettings } from '../catalogue/models-file.js';

type Limits = Pick<
  PlacementSettings,
  'model' | 'images' | 'parameters' | 'maxTokensParameter' | 'usage' | 'contextWindow'
>;
/** Turns the bytes of a picture into a data URL. */
export type ImageReader = (image: Binary) => Promise<string>;

/** How the caller's own parameters are called upstream, and what to blame when one cannot be sent. */
function parametersOf(request: GenerateRequest): [Parameter, unknown, string][] {
  const { sampling } = request;
  const all: [Parameter, unknown, string][] = [
    ['max_tokens', sampling.maxTokens, 'max_tokens'],
    ['temperature', sampling.temperature, 'temperature'],
    ['top_p', sampling.topP, 'top_p'],
    ['stop', sampling.stop, 'stop'],
    ['seed', sampling.seed, 'seed'],
    ['presence_penalty', sampling.presencePenalty, 'presence_penalty'],
    ['frequency_penalty', sampling.frequencyPenalty, 'frequency_penalty'],
    ['logit_bias', sampling.logitBias, 'logit_bias'],
    ['reasoning_effort', sampling.reasoningEffort, 'reasoning_effort'],
    ['tools', request.tools?.map(toolOf), 'tools'],
    ['tool_choice', toolChoiceOf(request.toolChoice), 'tool_choice'],
    ['parallel_tool_calls', request.parallelToolCalls, 'parallel_tool_calls'],
    ['response_format', responseFormatOf(request.responseFormat), 'response_format'],
  ];
  return all.filter(([, value]) => value !== undefined);
}

/** Refuses, naming the parameter or part, what this placement cannot do. Nothing is dropped silently. */
export function refuseUnsupported(request: GenerateRequest, limits: Limits): void {
  const { parameters, contextWindow } = limits;
  for (const [name, , param] of parametersOf(request)) {
    if (parameters !== undefined && !parameters.includes(name)) {
      throw new DomainError('unsupported_parameter', `The model does not support the parameter ${param}.`, {
        param,
      });
    }
  }
  const maxTokens = request.sampling.maxTokens;
  if (contextWindow !== undefined && maxTokens !== undefined && maxTokens >= contextWindow) {
    throw new DomainError(
      'context_length_exceeded',
      `The model's context holds ${contextWindow} tokens; max_tokens asks for ${maxTokens}.`,
      { param: 'max_tokens', details: { contextWindow } },
    );
  }
  for (const [index, message] of request.messages.entries()) {
    for (const [position, part] of message.content.entries()) {
      if (part.type === 'text' || (part.type === 'image' && limits.images)) continue;
      const param = part.path ?? `messages[${index}].content[${position}]`;
      const kind = { image: 'pictures', audio: 'audio', file: 'files' }[part.type];
      throw new DomainError('unsupported_parameter', `The model does not accept ${kind} in messages.`, {
        param,
      });
    }
  }
}

/** The body of `POST /chat/completions`. */
export async function chatRequest(
  request: GenerateRequest,
  limits: Limits,
  readImage: ImageReader,
): Promise<Record<string, unknown>> {
  const parameters = parametersOf(request).map(([name, value]) => [
    name === 'max_tokens' ? limits.maxTokensParameter : name,
    value,
  ]);
  return {
    model: limits.model,
    messages: await Promise.all(request.messages.map((message) => messageOf(message, readImage))),
    stream: true,
    ...(limits.usage ? { stream_options: { include_usage: true } } : {}),
    ...Object.fromEntries(parameters),
  };
}

async function messageOf(message: Message, readImage: ImageReader): Promise<Record<string, unknown>> {
  const calls = message.toolCalls?.map((call) => ({
    id: call.id,
    type: 'function',
    function: { name: call.name, arguments: call.arguments },
  }));
  const content = await contentOf(message.content, readImage);
  return {
    // @NOTE most servers know `system` alone; both mean the operator's word before the user's
    role: message.role === 'developer' ? 'system' : message.role,
    content: content === '' && calls !== undefined ? null : content,
    ...(message.name === undefined ? {} : { name: message.name }),
    ...(calls === undefined ? {} : { tool_calls: calls }),
    ...(message.toolCallId === undefined ? {} : { tool_call_id: message.toolCallId }),
  };
}

/** A plain string where it can be one: text-only servers often take nothing else. */
async function contentOf(parts: readonly ContentPart[], readImage: ImageReader): Promise<unknown> {
  if (parts.every((part) => part.type === 'text')) return parts.map((part) => part.text).join('\n');
  const content: unknown[] = [];
  for (const part of parts) {
    if (part.type === 'text') content.push({ type: 'text', text: part.text });
    if (part.type === 'image') {
      content.push({
        type: 'image_url',
        image_url: { url: await readImage(part.image), detail: part.detail },
      });
    }
  }
  return content;
}

function toolOf(tool: NonNullable<GenerateRequest['tools']>[number]): unknown {
  return { type: 'function', function: tool };
}

function toolChoiceOf(choice: GenerateRequest['toolChoice']): unknown {
  return typeof choice === 'object' ? { type: 'function', function: { name: choice.name } } : choice;
}

function responseFormatOf(format: GenerateRequest['responseFormat']): unknown {
  if (format?.type !== 'json_schema') return format;
  const { type, ...schema } = format;
  return { type, json_schema: schema };
}
