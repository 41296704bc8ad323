import { type Artifact, type Item, ItemPart } from '@trivium/contracts/session';
import type { ToolCall } from '@trivium/contracts/content';
import { UNIX_SECONDS } from '../database/page.js';

/** Columns of one item `i` with its parts, tool calls and artifacts as JSON, for {@link toItem}. */
export const ITEM_COLUMNS = `
  i.id, i.sequence, i.response_id AS "responseId", i.role, i.status, i.tool_call_id AS "toolCallId",
  ${UNIX_SECONDS('i.created_at')} AS "createdAt",
  (SELECT json_agg(json_build_object('type', p.type, 'text', p.text, 'fileId', p.file_id,
                                     'filename', p.filename) ORDER BY p.position)
   FROM session.item_part p WHERE p.tenant = i.tenant AND p.item_id = i.id) AS parts,
  (SELECT json_agg(json_build_object('id', c.call_id, 'name', c.name, 'arguments', c.arguments)
                   ORDER BY c.position)
   FROM session.item_tool_call c WHERE c.tenant = i.tenant AND c.item_id = i.id) AS "toolCalls",
  (SELECT json_agg(json_build_object('kind', a.kind, 'fileId', a.file_id, 'data', a.data)
                   ORDER BY a.position)
   FROM session.item_artifact a WHERE a.tenant = i.tenant AND a.item_id = i.id) AS artifacts`;

export interface ItemRow {
  readonly id: string;
  readonly sequence: number | null;
  readonly responseId: string | null;
  readonly role: Item['role'];
  readonly status: Item['status'];
  readonly toolCallId: string | null;
  readonly createdAt: number;
  readonly parts: readonly unknown[] | null;
  readonly toolCalls: readonly ToolCall[] | null;
  readonly artifacts: readonly Artifact[] | null;
}

/** Leaves out what the item does not have, as the contract's optional fields are. */
export function toItem(row: ItemRow): Item {
  const { parts, toolCalls, toolCallId, artifacts, ...item } = row;
  return {
    ...item,
    // The parse drops the columns that belong to other types of part.
    parts: (parts ?? []).map((part) => ItemPart.parse(part)),
    ...(toolCalls === null ? {} : { toolCalls: [...toolCalls] }),
    ...(toolCallId === null ? {} : { toolCallId }),
    ...(artifacts === null ? {} : { artifacts: [...artifacts] }),
  };
}
