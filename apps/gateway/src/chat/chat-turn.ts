import { DomainError, type RequestOf } from '@trivium/contracts';
import type { ContentPart, Message } from '@trivium/contracts/content';
import type { converse } from '@trivium/contracts/router';
import type { ParamNames } from '../converse/caller-params.js';
import { checkTools } from '../converse/check-tools.js';
import { present } from '../converse/parameters.js';
import type { Exchange } from '../http/exchange.js';
import type { TakeMedia } from '../media/take-media.js';
import { checkMessages } from './check-messages.js';
import type { ChatMessage, ChatRequest } from './chat-request.js';

type Turn = RequestOf<typeof converse>;
type UserContent = Extract<ChatMessage, { role: 'user' }>['content'];
type UserPart = Exclude<UserContent, string>[number];

/** A chat completion request in the words of the router. */
export async function chatTurn(request: ChatRequest, media: TakeMedia, exchange: Exchange): Promise<Turn> {
  const { tool_choice, response_format } = request;
  if (request.stream_options && !request.stream) {
    throw new DomainError('invalid_request', "'stream_options' goes with 'stream': true only.", {
      param: 'stream_options',
    });
  }
  checkMessages(request.messages);
  checkTools(
    request.tools?.map(({ function: { name } }) => name) ?? [],
    typeof tool_choice === 'object' ? tool_choice?.function : tool_choice,
    { name: (index) => `tools[${index}].function.name`, choice: 'tool_choice.function.name' },
  );
  return {
    model: request.model,
    messages: await Promise.all(
      request.messages.map((message, index) => takeMessage(message, `messages[${index}]`, media, exchange)),
    ),
    sampling: present({
      maxTokens: maxTokens(request),
      temperature: request.temperature,
      topP: request.top_p,
      stop: typeof request.stop === 'string' ? [request.stop] : request.stop,
      seed: request.seed,
      presencePenalty: request.presence_penalty,
      frequencyPenalty: request.frequency_penalty,
      logitBias: request.logit_bias,
      topLogprobs: topLogprobs(request),
      topK: request.top_k,
      minP: request.min_p,
      repetitionPenalty: request.repetition_penalty,
      reasoningEffort: request.reasoning_effort,
    }),
    ...present({
      tools: request.tools?.map(({ function: tool }) => present(tool)),
      toolChoice: typeof tool_choice === 'object' ? tool_choice?.function : tool_choice,
      parallelToolCalls: request.parallel_tool_calls,
      responseFormat: response_format && takeFormat(response_format),
    }),
  };
}

function maxTokens({ max_tokens, max_completion_tokens }: ChatRequest): number | null | undefined {
  if (max_tokens && max_completion_tokens && max_tokens !== max_completion_tokens) {
    throw new DomainError(
      'invalid_request',
      "'max_tokens' is the older name of 'max_completion_tokens'; they differ here. Send one of them.",
      { param: 'max_tokens' },
    );
  }
  return max_completion_tokens ?? max_tokens;
}

/** How many alternatives to report beside each token; undefined: nothing at all. */
function topLogprobs({ logprobs, top_logprobs }: ChatRequest): number | undefined {
  if (logprobs) return top_logprobs ?? 0;
  if (!top_logprobs) return undefined;
  throw new DomainError('invalid_request', "'top_logprobs' goes with 'logprobs': true only.", {
    param: 'top_logprobs',
  });
}

/** What errors of the services blame, as this request calls it. */
export function chatParams({ max_completion_tokens }: ChatRequest): ParamNames {
  return max_completion_tokens ? [[/^max_tokens$/, 'max_completion_tokens']] : [];
}

/** The same turn once for each choice; a seed makes each of them reproducible and none like another. */
export function turnOfChoice(turn: Turn, choice: number): Turn {
  const seed = turn.sampling?.seed;
  if (seed === undefined || choice === 0) return turn;
  const own = seed + choice <= Number.MAX_SAFE_INTEGER ? seed + choice : seed - choice;
  return { ...turn, sampling: { ...turn.sampling, seed: own } };
}

function takeFormat(
  format: NonNullable<ChatRequest['response_format']>,
): NonNullable<Turn['responseFormat']> {
  if (format.type !== 'json_schema') return format;
  const { name, description, schema, strict } = format.json_schema;
  return present({
    type: 'json_schema' as const,
    name,
    // JSON Schema has its own place for a description.
    schema: description === undefined ? schema : { description, ...schema },
    strict,
  });
}

async function takeMessage(
  message: ChatMessage,
  path: string,
  media: TakeMedia,
  exchange: Exchange,
): Promise<Message> {
  switch (message.role) {
    case 'user': {
      const content = await takeUserContent(message.content, `${path}.content`, media, exchange);
      return present({ role: message.role, content, name: message.name });
    }
    case 'assistant':
      return present({
        role: message.role,
        content: assistantContent(message),
        name: message.name,
        toolCalls: message.tool_calls?.map(({ id, function: call }) => ({ id, ...call })),
      });
    case 'tool':
      return { role: 'tool', content: textContent(message.content), toolCallId: message.tool_call_id };
    case 'system':
    case 'developer':
      return present({ role: message.role, content: textContent(message.content), name: message.name });
  }
}

function textContent(content: string | readonly { readonly text: string }[]): ContentPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return content.map(({ text }) => ({ type: 'text', text }));
}

function assistantContent(message: Extract<ChatMessage, { role: 'assistant' }>): ContentPart[] {
  const { content, refusal } = message;
  const parts = typeof content === 'string' ? [{ text: content }] : (content ?? []);
  const texts = parts.map((part) => ('refusal' in part ? part.refusal : part.text));
  if (refusal) texts.push(refusal);
  return texts.filter((text) => text !== '').map((text) => ({ type: 'text', text }));
}

async function takeUserContent(
  content: UserContent,
  path: string,
  media: TakeMedia,
  exchange: Exchange,
): Promise<ContentPart[]> {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return Promise.all(content.map((part, index) => takePart(part, `${path}[${index}]`, media, exchange)));
}

async function takePart(
  part: UserPart,
  path: string,
  media: TakeMedia,
  exchange: Exchange,
): Promise<ContentPart> {
  switch (part.type) {
    case 'text':
      return part;
    case 'image_url':
      return media.image(part.image_url, `${path}.image_url`, exchange, false);
    case 'file': {
      const { file_data: data, file_id: fileId, filename } = part.file;
      return media.file({ data, fileId, filename }, `${path}.file`, exchange, false);
    }
    case 'input_audio':
      throw new DomainError(
        'unsupported_parameter',
        `'${path}.input_audio' is not supported: this server has no transcription yet.`,
        { param: `${path}.input_audio` },
      );
  }
}
