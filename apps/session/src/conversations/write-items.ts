import type { Item, NewItem } from '@trivium/contracts/session';
import { newId } from '../database/identifier.js';

export type Direction = 'input' | 'output';

/** An item with its id and its place among those of one append, before it has a sequence number. */
export interface DraftItem extends NewItem {
  readonly id: string;
  readonly direction: Direction | null;
  /** Place among the items of its direction. */
  readonly position: number;
}

export function draftItems(items: readonly NewItem[], direction: Direction | null = null): DraftItem[] {
  return items.map((item, position) => ({ ...item, id: item.id ?? newId('msg'), direction, position }));
}

/** The drafts as the one JSON parameter that {@link WRITE_ITEMS} takes apart. */
export function itemsParameter(drafts: readonly DraftItem[]): string {
  return JSON.stringify(
    drafts.map(({ artifacts = [], ...draft }) => ({
      ...draft,
      artifacts: artifacts.map(({ data, ...artifact }) => ({ ...artifact, data: data ?? null })),
    })),
  );
}

/**
 * Rows for items, parts, tool calls and artifacts, to follow `WITH place AS (…)`: one row that says
 * where they go (`conversation_id`, `before`, `response_id`), or none, and then nothing is written.
 * $1 is the tenant, $2 the {@link itemsParameter}. One statement, so that the row lock on a busy
 * conversation is not held while statements travel.
 */
export const WRITE_ITEMS = `
  given AS (
    SELECT item, ordinality::integer AS ordinal
    FROM place, jsonb_array_elements($2::jsonb) WITH ORDINALITY AS draft (item, ordinality)
  ),
  written_item AS (
    INSERT INTO session.item (tenant, id, conversation_id, sequence, response_id, direction, position,
                              role, status, tool_call_id)
    SELECT $1, item ->> 'id', place.conversation_id,
           CASE WHEN place.conversation_id IS NOT NULL THEN place.before + ordinal END,
           place.response_id, item ->> 'direction', (item ->> 'position')::integer,
           item ->> 'role', item ->> 'status', item ->> 'toolCallId'
    FROM place, given
  ),
  written_part AS (
    INSERT INTO session.item_part (tenant, item_id, position, type, text, file_id, filename)
    SELECT $1, item ->> 'id', part.ordinality, part.value ->> 'type', part.value ->> 'text',
           part.value ->> 'fileId', part.value ->> 'filename'
    FROM given, jsonb_array_elements(item -> 'parts') WITH ORDINALITY AS part
  ),
  written_tool_call AS (
    INSERT INTO session.item_tool_call (tenant, item_id, position, call_id, name, arguments)
    SELECT $1, item ->> 'id', tool_call.ordinality, tool_call.value ->> 'id',
           tool_call.value ->> 'name', tool_call.value ->> 'arguments'
    FROM given, jsonb_array_elements(item -> 'toolCalls') WITH ORDINALITY AS tool_call
  ),
  written_artifact AS (
    INSERT INTO session.item_artifact (tenant, item_id, position, kind, file_id, data)
    SELECT $1, item ->> 'id', artifact.ordinality, artifact.value ->> 'kind',
           artifact.value ->> 'fileId', artifact.value -> 'data'
    FROM given, jsonb_array_elements(item -> 'artifacts') WITH ORDINALITY AS artifact
  )`;

export interface Place {
  /** Head of the conversation before these items; null outside a conversation. */
  readonly before: number | null;
  readonly responseId: string | null;
  readonly createdAt: number;
}

/** What the written drafts read back as, without asking the database again. */
export function placeItems(drafts: readonly DraftItem[], { before, responseId, createdAt }: Place): Item[] {
  return drafts.map(({ direction: _direction, position: _position, ...item }, index) => ({
    ...item,
    sequence: before === null ? null : before + index + 1,
    responseId,
    createdAt,
  }));
}
