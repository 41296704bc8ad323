import type { Item } from '@trivium/contracts/session';
import { z } from 'zod';

const Status = z.enum(['in_progress', 'completed', 'incomplete']);

export const OutputText = z.strictObject({
  type: z.literal('output_text'),
  text: z.string(),
  annotations: z.array(z.never()),
  logprobs: z.array(z.never()),
});
export type OutputText = z.output<typeof OutputText>;

const ShownPart = z.discriminatedUnion('type', [
  OutputText,
  z.strictObject({ type: z.literal('input_text'), text: z.string() }),
  z.strictObject({
    type: z.literal('input_image'),
    file_id: z.string(),
    image_url: z.null(),
    detail: z.literal('auto'),
  }),
  z.strictObject({ type: z.literal('input_file'), file_id: z.string(), filename: z.string() }),
]);

export const OutputMessage = z.strictObject({
  id: z.string(),
  type: z.literal('message'),
  status: Status,
  role: z.enum(['user', 'system', 'developer', 'assistant']),
  content: z.array(ShownPart),
});
export type OutputMessage = z.output<typeof OutputMessage>;

export const FunctionCallItem = z.strictObject({
  id: z.string(),
  type: z.literal('function_call'),
  status: Status,
  call_id: z.string(),
  name: z.string(),
  arguments: z.string(),
});
export type FunctionCallItem = z.output<typeof FunctionCallItem>;

export const OutputItem = z
  .discriminatedUnion('type', [
    OutputMessage,
    FunctionCallItem,
    z.strictObject({
      id: z.string(),
      type: z.literal('function_call_output'),
      status: Status,
      call_id: z.string(),
      output: z.string(),
    }),
  ])
  .meta({ id: 'OutputItem' });
export type OutputItem = z.output<typeof OutputItem>;

export const ItemPage = z
  .strictObject({
    object: z.literal('list'),
    data: z.array(OutputItem),
    first_id: z.string(),
    last_id: z.string(),
    has_more: z.boolean(),
  })
  .meta({ id: 'ItemList' });

export const ItemPageQuery = z.strictObject({
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  order: z.enum(['asc', 'desc']).default('desc'),
});

const CALL_MARK = '_call_';

/** The calls that an answer asked for are stored with it and shown as items of their own. */
export function callItemId(itemId: string, index: number): string {
  return `${itemId}${CALL_MARK}${index}`;
}

/** The stored item behind an id that was shown. */
export function storedItemId(shownId: string): string {
  const mark = shownId.lastIndexOf(CALL_MARK);
  return mark === -1 ? shownId : shownId.slice(0, mark);
}

/** A stored item as clients see it: one message, and one item per call. */
export function showItem(item: Item): OutputItem[] {
  const { id, status, role } = item;
  if (role === 'tool') {
    const output = item.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
    return [{ id, type: 'function_call_output', status, call_id: item.toolCallId ?? '', output }];
  }
  const calls = (item.toolCalls ?? []).map((call, index): FunctionCallItem => ({
    id: callItemId(id, index),
    type: 'function_call',
    status,
    call_id: call.id,
    name: call.name,
    arguments: call.arguments,
  }));
  const content = item.parts.map((part) => showPart(part, role === 'assistant'));
  if (content.length === 0 && calls.length > 0) return calls;
  return [{ id, type: 'message', status, role, content }, ...calls];
}

/** The ends of an empty page are empty too: both are strings in the clients' types. */
export function itemPage(
  items: readonly Item[],
  hasMore: boolean,
  order: 'asc' | 'desc' = 'asc',
): z.output<typeof ItemPage> {
  const data = items.flatMap((item) => (order === 'asc' ? showItem(item) : showItem(item).reverse()));
  return {
    object: 'list',
    data,
    first_id: data.at(0)?.id ?? '',
    last_id: data.at(-1)?.id ?? '',
    has_more: hasMore,
  };
}

export function outputText(text: string): OutputText {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

function showPart(part: Item['parts'][number], answered: boolean): z.output<typeof ShownPart> {
  switch (part.type) {
    case 'text':
      return answered ? outputText(part.text) : { type: 'input_text', text: part.text };
    case 'image':
      return { type: 'input_image', file_id: part.fileId, image_url: null, detail: 'auto' };
    case 'audio':
      return { type: 'input_file', file_id: part.fileId, filename: 'audio' };
    case 'file':
      return { type: 'input_file', file_id: part.fileId, filename: part.filename };
  }
}
