import type { Conversation as StoredConversation } from '@trivium/contracts/session';
import { z } from 'zod';
import { Metadata } from '../converse/parameters.js';
import { InputItem } from '../items/input-item.js';

export const Conversation = z
  .strictObject({
    id: z.string(),
    object: z.literal('conversation'),
    created_at: z.int(),
    metadata: Metadata,
  })
  .meta({ id: 'Conversation' });

export const DeletedConversation = z
  .strictObject({ id: z.string(), object: z.literal('conversation.deleted'), deleted: z.boolean() })
  .meta({ id: 'DeletedConversation' });

export const CreateConversation = z
  .strictObject({
    metadata: Metadata.nullish(),
    items: z.array(InputItem).max(20).nullish(),
  })
  .optional()
  .meta({ id: 'CreateConversationRequest' });

export const UpdateConversation = z
  .strictObject({ metadata: Metadata })
  .meta({ id: 'UpdateConversationRequest' });

export const CreateItems = z
  .strictObject({ items: z.array(InputItem).min(1).max(20) })
  .meta({ id: 'CreateItemsRequest' });

export function showConversation({
  id,
  createdAt,
  metadata,
}: StoredConversation): z.output<typeof Conversation> {
  return { id, object: 'conversation', created_at: createdAt, metadata };
}
