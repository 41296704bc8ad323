import type { ContentPart, Message } from '@trivium/contracts/content';
import type { ItemPart, NewItem } from '@trivium/contracts/session';
import type { Exchange } from '../http/exchange.js';
import type { TakeMedia } from '../media/take-media.js';
import type { InputItem, InputMessage, InputPart } from './input-item.js';

/** Items in the words of the services. With `keep` their media become files of the session. */
export async function takeItems(
  items: readonly InputItem[],
  path: string,
  media: TakeMedia,
  exchange: Exchange,
  keep: boolean,
): Promise<Message[]> {
  return Promise.all(
    items.map(async (item, index): Promise<Message> => {
      if (item.type === 'function_call') {
        const call = { id: item.call_id, name: item.name, arguments: item.arguments };
        return { role: 'assistant', content: [], toolCalls: [call] };
      }
      if (item.type === 'function_call_output') {
        return { role: 'tool', content: outputText(item.output), toolCallId: item.call_id };
      }
      return {
        role: item.role,
        content: await takeContent(item, `${path}[${index}].content`, media, exchange, keep),
      };
    }),
  );
}

/** For storage: bytes are left behind, their file ids stay. */
export function newItem({ role, content, toolCalls, toolCallId }: Message): NewItem {
  return {
    role,
    status: 'completed',
    parts: content.map(storedPart),
    ...(toolCalls === undefined ? {} : { toolCalls }),
    ...(toolCallId === undefined ? {} : { toolCallId }),
  };
}

function storedPart(part: ContentPart): ItemPart {
  if (part.type === 'text') return part;
  if (part.fileId === undefined) throw new Error('Only media that were kept can be stored.');
  if (part.type === 'file') return { type: 'file', fileId: part.fileId, filename: part.filename };
  return { type: part.type, fileId: part.fileId };
}

function outputText(output: string | readonly { readonly text: string }[]): ContentPart[] {
  const text = typeof output === 'string' ? output : output.map((part) => part.text).join('\n');
  return [{ type: 'text', text }];
}

async function takeContent(
  { content }: InputMessage,
  path: string,
  media: TakeMedia,
  exchange: Exchange,
  keep: boolean,
): Promise<ContentPart[]> {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return Promise.all(
    content.map((part, index) => takePart(part, `${path}[${index}]`, media, exchange, keep)),
  );
}

async function takePart(
  part: InputPart,
  path: string,
  media: TakeMedia,
  exchange: Exchange,
  keep: boolean,
): Promise<ContentPart> {
  switch (part.type) {
    case 'input_text':
    case 'output_text':
      return { type: 'text', text: part.text };
    case 'input_image': {
      const { image_url: url, file_id: fileId, detail } = part;
      const source = { url: url ?? undefined, fileId: fileId ?? undefined, detail };
      return media.image(source, `${path}.${fileId ? 'file_id' : 'image_url'}`, exchange, keep);
    }
    case 'input_file': {
      const source = {
        data: part.file_url ?? part.file_data ?? undefined,
        fileId: part.file_id ?? undefined,
        filename: part.filename ?? undefined,
      };
      const field = part.file_url ? 'file_url' : part.file_id ? 'file_id' : 'file_data';
      return media.file(source, `${path}.${field}`, exchange, keep);
    }
  }
}
