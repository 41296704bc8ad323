import type { ConversePart } from '@trivium/contracts/router';
import { DONE } from '../streaming/event-stream.js';
import { completionUsage } from './chat-completion.js';

export interface ChunkHead {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly includeUsage: boolean;
}

type CallDelta = Extract<ConversePart, { type: 'tool-call-delta' }>;

/**
 * A turn as chunks of a chat completion. Only what differs from chunk to chunk is made into JSON each
 * time: thousands of these leave per second.
 */
export async function* chatChunks(
  parts: AsyncIterable<ConversePart>,
  { id, created, model, includeUsage }: ChunkHead,
): AsyncGenerator<string> {
  const head = JSON.stringify({ id, object: 'chat.completion.chunk', created, model }).slice(0, -1);
  const usage = includeUsage ? ',"usage":null' : '';
  const chunk = (delta: string, finish: string) =>
    `data: ${head},"choices":[{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${finish}}]${usage}}\n\n`;
  let opened = false;
  for await (const part of parts) {
    if (part.type === 'route-decided') continue;
    if (!opened) {
      opened = true;
      yield chunk('{"role":"assistant","content":"","refusal":null}', 'null');
    }
    if (part.type === 'text-delta') {
      yield chunk(`{"content":${JSON.stringify(part.text)}}`, 'null');
    } else if (part.type === 'tool-call-delta') {
      yield chunk(JSON.stringify({ tool_calls: [callDelta(part)] }), 'null');
    } else {
      yield chunk('{}', JSON.stringify(part.reason));
      if (includeUsage) {
        yield `data: ${head},"choices":[],"usage":${JSON.stringify(completionUsage(part.usage))}}\n\n`;
      }
      yield DONE;
    }
  }
}

function callDelta(part: CallDelta): object {
  const call = {
    ...(part.name === undefined ? {} : { name: part.name }),
    ...(part.arguments === undefined ? {} : { arguments: part.arguments }),
  };
  return part.id === undefined
    ? { index: part.index, function: call }
    : { index: part.index, id: part.id, type: 'function', function: call };
}
