import { DomainError } from '@trivium/contracts';
import type { ChatMessage } from './chat-request.js';

/** Refuses an order of messages that no conversation has, naming the message at fault. */
export function checkMessages(messages: readonly ChatMessage[]): void {
  const calls = new Set<string>();
  let spoken = false;
  for (const [index, message] of messages.entries()) {
    const path = `messages[${index}]`;
    if (message.role === 'system' || message.role === 'developer') continue;
    if (!spoken && message.role !== 'user') {
      throw fault(`${path}.role`, `a conversation begins with the user, not with '${message.role}'.`);
    }
    spoken = true;
    if (message.role === 'tool' && !calls.has(message.tool_call_id)) {
      throw fault(`${path}.tool_call_id`, 'no assistant message before it has a call with this id.');
    }
    if (message.role !== 'assistant') continue;
    if (isEmpty(message))
      throw fault(`${path}.content`, 'an assistant message says something or calls tools.');
    for (const { id } of message.tool_calls ?? []) calls.add(id);
  }
}

function isEmpty({ content, refusal, tool_calls }: Extract<ChatMessage, { role: 'assistant' }>): boolean {
  return (
    !refusal && !tool_calls?.length && (content === null || content === undefined || content.length === 0)
  );
}

function fault(param: string, why: string): DomainError {
  return new DomainError('invalid_request', `'${param}': ${why}`, { param });
}
