import type { SpokenPart } from '../converse/converse.js';
import { toFailure } from '../errors/failure.js';
import {
  callItemId,
  type FunctionCallItem,
  type OutputItem,
  type OutputText,
  outputText,
} from '../items/output-item.js';
import { eventFrame } from '../streaming/event-stream.js';
import { endedResponse, type Response } from './response-shape.js';

type CallDelta = Extract<SpokenPart, { type: 'tool-call-delta' }>;
type Event = { readonly type: string } & Readonly<Record<string, unknown>>;

/** A turn as the typed events of a response. Nothing is written before the first piece of answer is there. */
export async function* responseEvents(
  parts: AsyncIterable<SpokenPart>,
  opened: Response,
  itemId: string,
  requestId: string,
): AsyncGenerator<string> {
  const output = new OutputEvents(itemId);
  let sequence = 0;
  let begun = false;
  const frame = (event: Event) => eventFrame(event.type, { ...event, sequence_number: sequence++ });
  try {
    for await (const part of parts) {
      if (part.type === 'route-decided') continue;
      if (!begun) {
        begun = true;
        yield frame({ type: 'response.created', response: opened });
        yield frame({ type: 'response.in_progress', response: opened });
      }
      for (const event of output.eventsOf(part)) yield frame(event);
      if (part.type === 'turn-end') {
        const response = endedResponse(opened, output.items, part);
        yield frame({ type: `response.${response.status}`, response });
      }
    }
  } catch (error) {
    if (!begun) throw error;
    const { code, message } = toFailure(error, requestId).body.error;
    const failed = { ...opened, status: 'failed', error: { code, message }, output: output.brokenOff() };
    yield frame({ type: 'response.failed', response: failed });
  }
}

/** The items of an answer while they grow: at most one message, and the calls after it. */
class OutputEvents {
  readonly items: OutputItem[] = [];
  readonly #itemId: string;
  readonly #calls = new Map<number, { readonly outputIndex: number; readonly item: FunctionCallItem }>();
  #message: { readonly outputIndex: number; text: string[] } | undefined;

  constructor(itemId: string) {
    this.#itemId = itemId;
  }

  *eventsOf(part: SpokenPart): Generator<Event> {
    if (part.type === 'text-delta') yield* this.#text(part.text);
    else if (part.type === 'tool-call-delta') yield* this.#call(part);
    else if (part.type === 'turn-end') yield* this.#end();
  }

  /** What there is of the answer when it ends before its time. */
  brokenOff(): OutputItem[] {
    if (this.#message !== undefined) {
      const { outputIndex, text } = this.#message;
      this.items[outputIndex] = this.#messageItem('incomplete', [outputText(text.join(''))]);
    }
    for (const { item } of this.#calls.values()) item.status = 'incomplete';
    return this.items;
  }

  *#text(delta: string): Generator<Event> {
    if (this.#message === undefined) {
      const message = { outputIndex: this.items.length, text: [] };
      this.#message = message;
      this.items.push(this.#messageItem('in_progress', []));
      yield this.#itemEvent('added', message.outputIndex);
      yield this.#partEvent('content_part.added', message.outputIndex, { part: outputText('') });
    }
    const { outputIndex, text } = this.#message;
    text.push(delta);
    yield this.#partEvent('output_text.delta', outputIndex, { delta, logprobs: [] });
  }

  *#call(delta: CallDelta): Generator<Event> {
    let call = this.#calls.get(delta.index);
    if (call === undefined) {
      const item: FunctionCallItem = {
        id: callItemId(this.#itemId, delta.index),
        type: 'function_call',
        status: 'in_progress',
        call_id: delta.id ?? '',
        name: delta.name ?? '',
        arguments: '',
      };
      call = { outputIndex: this.items.length, item };
      this.#calls.set(delta.index, call);
      this.items.push(item);
      yield this.#itemEvent('added', call.outputIndex);
    }
    if (!delta.arguments) return;
    call.item.arguments += delta.arguments;
    yield {
      type: 'response.function_call_arguments.delta',
      item_id: call.item.id,
      output_index: call.outputIndex,
      delta: delta.arguments,
    };
  }

  *#end(): Generator<Event> {
    if (this.#message !== undefined) {
      const { outputIndex, text } = this.#message;
      const part = outputText(text.join(''));
      this.items[outputIndex] = this.#messageItem('completed', [part]);
      yield this.#partEvent('output_text.done', outputIndex, { text: part.text, logprobs: [] });
      yield this.#partEvent('content_part.done', outputIndex, { part });
      yield this.#itemEvent('done', outputIndex);
    }
    for (const { outputIndex, item } of this.#calls.values()) {
      item.status = 'completed';
      yield {
        type: 'response.function_call_arguments.done',
        item_id: item.id,
        output_index: outputIndex,
        name: item.name,
        arguments: item.arguments,
      };
      yield this.#itemEvent('done', outputIndex);
    }
  }

  #messageItem(status: 'in_progress' | 'completed' | 'incomplete', content: OutputText[]): OutputItem {
    return { id: this.#itemId, type: 'message', status, role: 'assistant', content };
  }

  #itemEvent(what: 'added' | 'done', outputIndex: number): Event {
    const item = { ...this.items[outputIndex] };
    return { type: `response.output_item.${what}`, output_index: outputIndex, item };
  }

  #partEvent(what: string, outputIndex: number, rest: object): Event {
    const place = { item_id: this.#itemId, output_index: outputIndex, content_index: 0 };
    return { type: `response.${what}`, ...place, ...rest };
  }
}
