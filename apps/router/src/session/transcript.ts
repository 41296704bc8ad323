import type { ContentPart, Message, ToolCall } from '@trivium/contracts/content';
import type { ItemPart, NewItem } from '@trivium/contracts/session';
import { artifactsOf, type DocumentFacts } from '../fusion/document-facts.js';
import type { AnswerPart } from '../pipeline/answer-turn.js';

/** What the assistant said so far, to be stored when the turn ends, however it ends. */
export class Transcript {
  #text = '';
  readonly #calls: ToolCall[] = [];

  get empty(): boolean {
    return this.#text === '' && this.#calls.length === 0;
  }

  observe(part: AnswerPart): void {
    if (part.type === 'text-delta') this.#text += part.text;
    if (part.type !== 'tool-call-delta') return;
    const call = (this.#calls[part.index] ??= { id: '', name: '', arguments: '' });
    call.id ||= part.id ?? '';
    call.name ||= part.name ?? '';
    call.arguments += part.arguments ?? '';
  }

  output(status: 'completed' | 'incomplete', id: string | undefined): NewItem[] {
    // a call that was cut off in the middle would be taken for a whole one later
    const calls = status === 'completed' ? this.#calls.filter((call) => call !== undefined) : [];
    return [
      {
        ...(id === undefined ? {} : { id }),
        role: 'assistant',
        status,
        parts: this.#text === '' ? [] : [{ type: 'text', text: this.#text }],
        ...(calls.length > 0 ? { toolCalls: calls } : {}),
      },
    ];
  }
}

/** The caller's messages as items, with what was read from their pictures and files. */
export function inputItems(
  messages: readonly Message[],
  facts: ReadonlyMap<ContentPart, DocumentFacts>,
): NewItem[] {
  return messages.map(({ role, content, toolCalls, toolCallId }) => {
    const artifacts = content.flatMap((part) => {
      const known = facts.get(part);
      return known ? artifactsOf(known) : [];
    });
    return {
      role,
      status: 'completed',
      parts: content.map(itemPart),
      ...(toolCalls ? { toolCalls } : {}),
      ...(toolCallId === undefined ? {} : { toolCallId }),
      ...(artifacts.length > 0 ? { artifacts } : {}),
    };
  });
}

function itemPart(part: ContentPart): ItemPart {
  if (part.type === 'text') return part;
  const { type, fileId } = part;
  if (fileId === undefined) return { type: 'text', text: `[${type} that was not kept]` };
  return type === 'file' ? { type, fileId, filename: part.filename } : { type, fileId };
}
