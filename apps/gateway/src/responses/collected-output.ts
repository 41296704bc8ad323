import type { CollectedTurn } from '../converse/collected-turn.js';
import { callItemId, type OutputItem, outputText } from '../items/output-item.js';

/** The items of a whole answer, in the order in which a stream would have opened them. */
export function collectedOutput({ text, toolCalls }: CollectedTurn, itemId: string): OutputItem[] {
  const calls = toolCalls.map((call, index): OutputItem => ({
    id: callItemId(itemId, index),
    type: 'function_call',
    status: 'completed',
    call_id: call.id,
    name: call.name,
    arguments: call.arguments,
  }));
  if (text === '' && calls.length > 0) return calls;
  const content = [outputText(text)];
  return [{ id: itemId, type: 'message', status: 'completed', role: 'assistant', content }, ...calls];
}
