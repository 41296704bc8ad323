import { UNIX_SECONDS } from '../database/page.js';

/** Columns of `session.conversation` in the shape of the contract's `Conversation`. */
export const CONVERSATION_COLUMNS = `id, head, metadata, ${UNIX_SECONDS('created_at')} AS "createdAt"`;
