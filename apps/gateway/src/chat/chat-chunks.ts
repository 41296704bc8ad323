import type { Usage } from '@trivium/contracts/content';
import type { SpokenPart } from '../converse/converse.js';
import type { ChoicePart } from '../converse/side-by-side.js';
import { DONE } from '../streaming/event-stream.js';
import { completionUsage } from './chat-completion.js';
import { chatLogprobs } from './chat-logprobs.js';

export interface ChunkHead {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  /** How many turns there are. */
  readonly choices: number;
  readonly includeUsage: boolean;
}

type CallDelta = Extract<SpokenPart, { type: 'tool-call-delta' }>;

/**
 * Turns as chunks of a chat completion, one turn for each choice. Only what differs from chunk to chunk is
 * made into JSON each time: thousands of these leave per second.
 */
export async function* chatChunks(
  parts: AsyncIterable<ChoicePart>,
  { id, created, model, choices, includeUsage }: ChunkHead,
): AsyncGenerator<string> {
  const head = JSON.stringify({ id, object: 'chat.completion.chunk', created, model }).slice(0, -1);
  const usage = includeUsage ? ',"usage":null' : '';
  const chunk = (choice: number, { delta, logprobs = 'null', finish = 'null' }: Piece) =>
    `data: ${head},"choices":[{"index":${choice},"delta":${delta},"logprobs":${logprobs},"finish_reason":${finish}}]${usage}}\n\n`;
  const opened = new Set<number>();
  const used: Usage[] = [];
  for await (const { choice, part } of parts) {
    if (part.type === 'route-decided') continue;
    if (!opened.has(choice)) {
      opened.add(choice);
      yield chunk(choice, { delta: '{"role":"assistant","content":"","refusal":null}' });
    }
    yield chunk(choice, pieceOf(part));
    if (part.type === 'turn-end') used.push(part.usage);
  }
  if (used.length < choices) return;
  if (includeUsage) yield `data: ${head},"choices":[],"usage":${JSON.stringify(completionUsage(used))}}\n\n`;
  yield DONE;
}

/** Fields of a chunk, as JSON. */
interface Piece {
  readonly delta: string;
  readonly logprobs?: string;
  readonly finish?: string;
}

function pieceOf(part: Exclude<SpokenPart, { type: 'route-decided' }>): Piece {
  switch (part.type) {
    case 'text-delta': {
      const delta = `{"content":${JSON.stringify(part.text)}}`;
      if (part.logprobs === undefined) return { delta };
      return { delta, logprobs: JSON.stringify(chatLogprobs(part.logprobs)) };
    }
    case 'tool-call-delta':
      return { delta: JSON.stringify({ tool_calls: [callDelta(part)] }) };
    case 'turn-end':
      return { delta: '{}', finish: JSON.stringify(part.reason) };
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
