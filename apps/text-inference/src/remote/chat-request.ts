import { DomainError } from '@trivium/contracts';
import type { Binary, ContentPart, Message } from '@trivium/contracts/content';
import type { GenerateRequest } from '@trivium/contracts/generate';
import { EXTENSIONS, type Parameter, type PlacementSettings } from '../catalogue/models-file.js';

type Limits = Pick<
  PlacementSettings,
  'model' | 'images' | 'parameters' | 'maxTokensParameter' | 'usage' | 'contextWindow'
>;
/** Turns the bytes of a picture into a data URL. */
export type ImageReader = (image: Binary) => Promise<string>;

/** One parameter of the caller: what it is called upstream, and what has to be sent for it. */
interface Sent {
  readonly name: Parameter;
  readonly value: unknown;
  /** Goes along; absent fields are not sent. */
  readonly beside?: Readonly<Record<string, unknown>>;
}

function parametersOf(request: GenerateRequest): Sent[] {
  const { sampling } = request;
  const { topLogprobs } = sampling;
  const all: Sent[] = [
    { name: 'max_tokens', value: sampling.maxTokens },
    { name: 'temperature', value: sampling.temperature },
    { name: 'top_p', value: sampling.topP },
    { name: 'stop', value: sampling.stop },
    { name: 'seed', value: sampling.seed },
    { name: 'presence_penalty', value: sampling.presencePenalty },
    { name: 'frequency_penalty', value: sampling.frequencyPenalty },
    { name: 'logit_bias', value: sampling.logitBias },
    {
      name: 'logprobs',
      value: topLogprobs === undefined ? undefined : true,
      ...(topLogprobs ? { beside: { top_logprobs: topLogprobs } } : {}),
    },
    { name: 'reasoning_effort', value: sampling.reasoningEffort },
    { name: 'tools', value: request.tools?.map(toolOf) },
    { name: 'tool_choice', value: toolChoiceOf(request.toolChoice) },
    { name: 'parallel_tool_calls', value: request.parallelToolCalls },
    { name: 'response_format', value: responseFormatOf(request.responseFormat) },
    { name: 'top_k', value: sampling.topK },
    { name: 'min_p', value: sampling.minP },
    { name: 'repetition_penalty', value: sampling.repetitionPenalty },
  ];
  return all.filter(({ value }) => value !== undefined);
}

function takes({ parameters }: Limits, name: Parameter): boolean {
  if (parameters !== undefined) return parameters.includes(name);
  return !(EXTENSIONS as readonly string[]).includes(name);
}

/** Refuses, naming the parameter or part, what this placement cannot do. Nothing is dropped silently. */
export function refuseUnsupported(request: GenerateRequest, limits: Limits): void {
  const { contextWindow } = limits;
  const refused = parametersOf(request).find(({ name }) => !takes(limits, name));
  if (refused !== undefined) {
    const param = refused.name;
    throw new DomainError('unsupported_parameter', `The model does not support the parameter ${param}.`, {
      param,
    });
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
  const parameters = parametersOf(request).flatMap(({ name, value, beside = {} }) => [
    [name === 'max_tokens' ? limits.maxTokensParameter : name, value],
    ...Object.entries(beside),
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
