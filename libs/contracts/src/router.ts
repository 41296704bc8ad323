import { z } from 'zod';
import { Binary, FinishReason, Message, Usage } from './content.js';
import { stream } from './define.js';
import { GenerateOptions, TextDelta, ToolCallDelta } from './generate.js';

/** Where the turn belongs. Without it nothing is loaded and nothing is stored. */
export const TurnState = z.object({
  responseId: z.string(),
  conversationId: z.string().optional(),
  previousResponseId: z.string().optional(),
  /** Id of the output item, chosen by the caller so that a stream can name it before the turn is stored. */
  outputItemId: z.string().optional(),
  metadata: z.record(z.string(), z.string()).optional(),
});

export const ConverseRequest = GenerateOptions.extend({
  /** A model id, or `trivium` for whatever the deployment has. */
  model: z.string(),
  /** This turn's messages; history comes from the session when `state` is given. */
  messages: z.array(Message).min(1),
  /** For this turn alone: put before history and messages, never stored. */
  instructions: z.string().optional(),
  state: TurnState.optional(),
});
export type ConverseRequest = z.output<typeof ConverseRequest>;

/** Parts in order: one `route-decided`, then deltas, then one `turn-end`; the turn is stored before it. */
export const ConversePart = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('route-decided'),
    pipeline: z.string(),
    /** Name of the rule that matched, and why in words. */
    rule: z.string(),
    reason: z.string(),
  }),
  TextDelta,
  ToolCallDelta,
  /** A picture in its place among the text: a document with the asked places outlined. Never stored. */
  z.object({ type: z.literal('picture'), image: Binary, alt: z.string() }),
  z.object({
    type: z.literal('turn-end'),
    reason: FinishReason,
    usage: Usage,
    /** What answered: a model id, or `trivium` when rules and rendering did. */
    model: z.string(),
    /** Ids of the stored output items, when the turn was stored. */
    itemIds: z.array(z.string()),
  }),
]);
export type ConversePart = z.output<typeof ConversePart>;

export const converse = stream({
  subject: 'router.converse.v1',
  request: ConverseRequest,
  part: ConversePart,
  errors: [
    'invalid_request',
    'unsupported_parameter',
    'unsupported_media',
    'payload_too_large',
    'context_length_exceeded',
    'not_found',
    'model_not_found',
    'model_not_available',
    'conflict',
    'rate_limit_exceeded',
    'overloaded',
    'unavailable',
    'upstream_error',
    'invalid_output',
    'deadline_exceeded',
  ],
});
