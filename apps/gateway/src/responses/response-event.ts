import { z } from 'zod';
import { OutputItem, OutputText } from '../items/output-item.js';
import { Response } from './response-shape.js';

const sequence_number = z.int().nonnegative();
const place = { item_id: z.string(), output_index: z.int(), sequence_number };
const inMessage = { ...place, content_index: z.int() };

const whole = <Type extends string>(type: Type) =>
  z.strictObject({ type: z.literal(type), response: Response, sequence_number });

const item = <Type extends string>(type: Type) =>
  z.strictObject({ type: z.literal(type), output_index: z.int(), item: OutputItem, sequence_number });

/** One event of a streamed response. */
export const ResponseEvent = z
  .discriminatedUnion('type', [
    whole('response.created'),
    whole('response.in_progress'),
    whole('response.completed'),
    whole('response.incomplete'),
    whole('response.failed'),
    item('response.output_item.added'),
    item('response.output_item.done'),
    z.strictObject({ type: z.literal('response.content_part.added'), ...inMessage, part: OutputText }),
    z.strictObject({ type: z.literal('response.content_part.done'), ...inMessage, part: OutputText }),
    z.strictObject({
      type: z.literal('response.output_text.delta'),
      ...inMessage,
      delta: z.string(),
      logprobs: z.array(z.never()),
    }),
    z.strictObject({
      type: z.literal('response.output_text.done'),
      ...inMessage,
      text: z.string(),
      logprobs: z.array(z.never()),
    }),
    z.strictObject({
      type: z.literal('response.function_call_arguments.delta'),
      ...place,
      delta: z.string(),
    }),
    z.strictObject({
      type: z.literal('response.function_call_arguments.done'),
      ...place,
      name: z.string(),
      arguments: z.string(),
    }),
  ])
  .meta({ id: 'ResponseEvent' });
