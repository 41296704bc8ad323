import type { ChatMessage, ChatTool } from './chat-messages.js';

/**
 * For templates that know no tools: describes them as the Hermes 2 Pro function-calling format does
 * (NousResearch, Hermes-Function-Calling), which open models without one of their own know best.
 */
export function hermesTools(tools: readonly ChatTool[]): string {
  return [
    'You may call one or more functions to help with the request of the user.',
    '',
    'The functions, as JSON between <tools></tools>:',
    '<tools>',
    ...tools.map((tool) => JSON.stringify(tool)),
    '</tools>',
    '',
    'For each call, answer with a JSON object with its name and arguments between <tool_call></tool_call>:',
    '<tool_call>',
    '{"name": <name>, "arguments": <object>}',
    '</tool_call>',
  ].join('\n');
}

/** Calls and results as text of the assistant and the user; results that follow each other share a message. */
export function hermesMessages(messages: readonly ChatMessage[]): ChatMessage[] {
  const written: ChatMessage[] = [];
  let previous: ChatMessage | undefined;
  for (const message of messages) {
    if (message.role === 'tool') {
      const content = `<tool_response>\n${message.content}\n</tool_response>`;
      const last = written.at(-1);
      if (previous?.role === 'tool' && last !== undefined) last.content += `\n${content}`;
      else written.push({ role: 'user', content });
    } else {
      const { tool_calls, ...rest } = message;
      const calls = (tool_calls ?? []).map(
        (call) => `<tool_call>\n${JSON.stringify(call.function)}\n</tool_call>`,
      );
      written.push({ ...rest, content: [rest.content, ...calls].filter((text) => text !== '').join('\n') });
    }
    previous = message;
  }
  return written;
}
