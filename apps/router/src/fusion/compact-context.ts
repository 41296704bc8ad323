import type { ContentPart, Message } from '@trivium/contracts/content';
import type { Item } from '@trivium/contracts/session';
import type { Phrases } from '../rendering/phrases.js';
import { describeCompactly } from './compact-document.js';
import { type DocumentFacts, factsOf } from './document-facts.js';
import type { FusionInput } from './fuse-context.js';
import { estimateMessage, estimateTokens } from './token-estimate.js';

/** The one note that small models were trained with; with documents and without. */
const NOTE = 'You are Trivium. Answer from the documents; never invent values.';
/** Characters of what the assistant said before: enough to go on from, not a table again. */
const MOST_SAID = 300;
/** Of the room for the prompt, what documents may take together. */
const DOCUMENT_SHARE = 0.75;

export interface CompactInput extends Pick<FusionInput, 'history' | 'messages' | 'instructions' | 'facts'> {
  readonly phrases: Phrases;
  /** Tokens that the whole conversation may take. */
  readonly budget: number;
  /** Tokens that something beside the messages takes of it, such as tools. */
  readonly besides: number;
}

/**
 * One conversation for a model with a small window: the note, the caller's instructions, the newest history
 * that fits, and the turn. Of the history the newest document stays longest, since questions go on about it.
 */
export function fuseCompactly(input: CompactInput): Message[] {
  const first = input.messages.findIndex(({ role }) => role !== 'system' && role !== 'developer');
  const spoken = first === -1 ? input.messages.length : first;
  const instructions = input.messages.slice(0, spoken).flatMap(textsOf);
  const system = [NOTE, ...(input.instructions ? [input.instructions] : []), ...instructions].join('\n\n');
  const own = input.messages.slice(spoken);
  const fixed =
    estimateMessage([system]) + own.reduce((sum, message) => sum + costOf(message), input.besides);
  const room = Math.max(0, input.budget - fixed);
  const documents = new Documents(input, room * DOCUMENT_SHARE);
  // @NOTE newest first: when the budget runs out it is old documents that are left out
  const turn = own
    .toReversed()
    .map((message) => documents.inMessage(message))
    .toReversed();
  const history = input.history
    .toReversed()
    .map((item) => documents.inItem(item))
    .toReversed();
  return [
    { role: 'system', content: [{ type: 'text', text: system }] },
    ...newestThatFit(history, room - documents.spentOnTurn),
    ...turn,
  ];
}

interface Earlier {
  readonly message: Message;
  readonly holdsDocument: boolean;
}

/** Puts what was read in the place of what it was read from. */
class Documents {
  /** Tokens of documents in the messages of this turn. */
  spentOnTurn = 0;
  #left: number;

  constructor(
    private readonly input: CompactInput,
    budget: number,
  ) {
    this.#left = budget;
  }

  inMessage(message: Message): Message {
    const before = this.#left;
    const content = message.content.map((part): ContentPart => {
      if (part.type === 'text') return part;
      const facts = this.input.facts.get(part);
      return { type: 'text', text: facts ? this.#describe(facts) : unread(part) };
    });
    this.spentOnTurn += before - this.#left;
    return shortened({ ...message, content });
  }

  inItem(item: Item): Earlier {
    const documents = factsOf(item).map((facts) => this.#describe(facts));
    const known = new Set((item.artifacts ?? []).map(({ fileId }) => fileId));
    const others = item.parts.flatMap((part) => {
      if (part.type === 'text') return [part.text];
      return known.has(part.fileId) ? [] : [unread(part)];
    });
    const message = shortened({
      role: item.role,
      content: [...documents, ...others].map((text) => ({ type: 'text', text })),
      ...(item.toolCalls ? { toolCalls: item.toolCalls } : {}),
      ...(item.toolCallId === undefined ? {} : { toolCallId: item.toolCallId }),
    });
    return { message, holdsDocument: documents.length > 0 };
  }

  #describe(facts: DocumentFacts): string {
    const text = describeCompactly(facts, this.input.phrases, this.#left);
    this.#left = Math.max(0, this.#left - estimateTokens(text));
    return text;
  }
}

/** The newest document of the history, and the newest messages beside it. No call's answer without its call. */
function newestThatFit(history: readonly Earlier[], room: number): Message[] {
  const kept = new Set<Earlier>();
  let left = room;
  const take = (earlier: Earlier): boolean => {
    if (kept.has(earlier)) return true;
    left -= costOf(earlier.message);
    if (left >= 0) kept.add(earlier);
    return left >= 0;
  };
  const newestDocument = history.findLast(({ holdsDocument }) => holdsDocument);
  if (newestDocument !== undefined && !take(newestDocument)) return [];
  for (const earlier of history.toReversed()) if (!take(earlier)) break;
  const messages = history.filter((earlier) => kept.has(earlier)).map(({ message }) => message);
  const asked = new Set(messages.flatMap(({ toolCalls = [] }) => toolCalls.map(({ id }) => id)));
  return messages.filter(({ role, toolCallId }) => role !== 'tool' || asked.has(toolCallId ?? ''));
}

/** What the assistant said is cut; what it called is not. */
function shortened(message: Message): Message {
  if (message.role !== 'assistant') return message;
  const said = textsOf(message).join('\n');
  if (said.length <= MOST_SAID) return message;
  const text = `${said.slice(0, MOST_SAID).toWellFormed()}…`;
  return { ...message, content: [{ type: 'text', text }] };
}

/** Tokens of a message without its documents. */
function costOf(message: Message): number {
  const calls = (message.toolCalls ?? []).flatMap(({ name, arguments: values }) => [name, values]);
  return estimateMessage([...textsOf(shortened(message)), ...calls]);
}

function textsOf({ content }: Message): string[] {
  return content.flatMap((part) => (part.type === 'text' ? [part.text] : []));
}

function unread({ type }: { readonly type: string }): string {
  return `[${type} that was not read]`;
}
