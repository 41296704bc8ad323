import { z } from 'zod';
import { Binary, FinishReason, Message, ToolCall, Usage } from './content.js';
import { call, event } from './define.js';

const Metadata = z.record(z.string().max(64), z.string().max(512));
const Page = z.object({
  /** Item id after which to go on. */
  after: z.string().optional(),
  limit: z.int().min(1).max(100).default(20),
  order: z.enum(['asc', 'desc']).default('desc'),
});
const Deleted = z.object({ id: z.string(), deleted: z.boolean() });
const STATEFUL = ['invalid_request', 'not_found', 'unavailable', 'overloaded', 'deadline_exceeded'] as const;

// ---- keys ----

/** Keys are 256-bit random, so one SHA-256 is enough; the plain key never leaves the gateway. */
export const KeyHash = z.string().regex(/^[0-9a-f]{64}$/);

export const verifyKey = call({
  subject: 'session.verify-key.v1',
  request: z.object({ hash: KeyHash }),
  reply: z.object({ keyId: z.string(), tenant: z.string(), name: z.string(), scopes: z.array(z.string()) }),
  errors: ['invalid_api_key', 'unavailable', 'deadline_exceeded'],
});

/** Creates the key when its hash is new; answers the existing one otherwise. The caller made the key. */
export const createKey = call({
  subject: 'session.create-key.v1',
  request: z.object({ hash: KeyHash, tenant: z.string(), name: z.string(), scopes: z.array(z.string()) }),
  reply: z.object({ keyId: z.string(), created: z.boolean() }),
  errors: STATEFUL,
});

export const listKeys = call({
  subject: 'session.list-keys.v1',
  request: z.object({}),
  reply: z.object({
    keys: z.array(
      z.object({
        keyId: z.string(),
        name: z.string(),
        scopes: z.array(z.string()),
        createdAt: z.int(),
        revokedAt: z.int().nullable(),
      }),
    ),
  }),
  errors: STATEFUL,
});

export const revokeKey = call({
  subject: 'session.revoke-key.v1',
  request: z.object({ keyId: z.string() }),
  reply: z.object({ keyId: z.string(), revoked: z.boolean() }),
  errors: STATEFUL,
});

// ---- conversations ----

export const Conversation = z.object({
  id: z.string(),
  /** Unix seconds. */
  createdAt: z.int(),
  metadata: Metadata,
  /** Sequence number of the last item; 0 when empty. */
  head: z.int().nonnegative(),
});
export type Conversation = z.output<typeof Conversation>;

/** A stored part: bytes live in a file, the item holds its id. */
export const ItemPart = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('image'), fileId: z.string() }),
  z.object({ type: z.literal('file'), fileId: z.string(), filename: z.string() }),
  z.object({ type: z.literal('audio'), fileId: z.string() }),
]);
export type ItemPart = z.output<typeof ItemPart>;

/** What a document said, kept so that later turns can answer from it. */
export const Artifact = z.object({
  kind: z.enum(['invoice', 'document-text']),
  fileId: z.string().nullable(),
  /** The reading, in the shape its kind names (`Invoice`, `DocumentPage[]`). */
  data: z.unknown(),
});
export type Artifact = z.output<typeof Artifact>;

export const NewItem = z.object({
  /** Absent: the session makes one. */
  id: z.string().optional(),
  role: Message.shape.role,
  status: z.enum(['completed', 'incomplete']).default('completed'),
  parts: z.array(ItemPart),
  toolCalls: z.array(ToolCall).optional(),
  toolCallId: z.string().optional(),
  artifacts: z.array(Artifact).optional(),
});
export type NewItem = z.output<typeof NewItem>;

export const Item = NewItem.extend({
  id: z.string(),
  /** Position in its conversation, gap-free from 1; null when it belongs to a response alone. */
  sequence: z.int().positive().nullable(),
  responseId: z.string().nullable(),
  createdAt: z.int(),
});
export type Item = z.output<typeof Item>;

const ConversationId = z.object({ conversationId: z.string() });

export const createConversation = call({
  subject: 'session.create-conversation.v1',
  request: z.object({ metadata: Metadata.default({}), items: z.array(NewItem).max(20).default([]) }),
  reply: Conversation,
  errors: STATEFUL,
});
export const getConversation = call({
  subject: 'session.get-conversation.v1',
  request: ConversationId,
  reply: Conversation,
  errors: STATEFUL,
});
export const updateConversation = call({
  subject: 'session.update-conversation.v1',
  request: ConversationId.extend({ metadata: Metadata }),
  reply: Conversation,
  errors: STATEFUL,
});
export const deleteConversation = call({
  subject: 'session.delete-conversation.v1',
  request: ConversationId,
  reply: Deleted,
  errors: STATEFUL,
});
export const listItems = call({
  subject: 'session.list-items.v1',
  request: ConversationId.extend(Page.shape),
  reply: z.object({ items: z.array(Item), hasMore: z.boolean() }),
  errors: STATEFUL,
});
export const getItem = call({
  subject: 'session.get-item.v1',
  request: ConversationId.extend({ itemId: z.string() }),
  reply: Item,
  errors: STATEFUL,
});
export const appendItems = call({
  subject: 'session.append-items.v1',
  request: ConversationId.extend({
    items: z.array(NewItem).min(1).max(20),
    /** Refuse with `conflict` unless the head is this; absent: append after whatever is there. */
    expectedHead: z.int().nonnegative().optional(),
  }),
  reply: z.object({ items: z.array(Item), head: z.int() }),
  errors: [...STATEFUL, 'conflict'],
});

// ---- turns and responses ----

export const StoredResponse = z.object({
  id: z.string(),
  createdAt: z.int(),
  status: z.enum(['completed', 'incomplete', 'failed']),
  model: z.string(),
  conversationId: z.string().nullable(),
  previousResponseId: z.string().nullable(),
  finishReason: FinishReason.nullable(),
  usage: Usage,
  metadata: Metadata,
  output: z.array(Item),
});
export type StoredResponse = z.output<typeof StoredResponse>;

/** Everything said before a turn, oldest first, cut to the newest `limit` items. */
export const loadHistory = call({
  subject: 'session.load-history.v1',
  request: z.union([
    z.object({ conversationId: z.string(), limit: z.int().min(1).max(200).default(50) }),
    z.object({ previousResponseId: z.string(), limit: z.int().min(1).max(200).default(50) }),
  ]),
  reply: z.object({ items: z.array(Item), head: z.int().nonnegative() }),
  errors: STATEFUL,
});

/** Input, output, response row and outbox event in one transaction. The same responseId twice answers the first. */
export const appendTurn = call({
  subject: 'session.append-turn.v1',
  request: z.object({
    responseId: z.string(),
    conversationId: z.string().optional(),
    previousResponseId: z.string().optional(),
    expectedHead: z.int().nonnegative().optional(),
    status: StoredResponse.shape.status,
    model: z.string(),
    finishReason: FinishReason.nullable(),
    usage: Usage,
    metadata: Metadata.default({}),
    input: z.array(NewItem).max(100),
    output: z.array(NewItem).max(20),
  }),
  reply: z.object({ response: StoredResponse, head: z.int().nonnegative() }),
  errors: [...STATEFUL, 'conflict'],
});

export const getResponse = call({
  subject: 'session.get-response.v1',
  request: z.object({ responseId: z.string() }),
  reply: StoredResponse,
  errors: STATEFUL,
});
export const listResponseInput = call({
  subject: 'session.list-response-input.v1',
  request: z.object({ responseId: z.string() }).extend(Page.shape),
  reply: z.object({ items: z.array(Item), hasMore: z.boolean() }),
  errors: STATEFUL,
});
export const deleteResponse = call({
  subject: 'session.delete-response.v1',
  request: z.object({ responseId: z.string() }),
  reply: Deleted,
  errors: STATEFUL,
});

/** At least once, through the outbox; `messageId` is stable across repeats. */
export const turnAppended = event({
  subject: 'session.turn-appended.v1',
  payload: z.object({
    messageId: z.string(),
    tenant: z.string(),
    responseId: z.string(),
    conversationId: z.string().nullable(),
    head: z.int().nonnegative(),
    model: z.string(),
    usage: Usage,
    at: z.int(),
  }),
});

// ---- files ----

export const StoredFile = z.object({
  id: z.string(),
  filename: z.string(),
  mediaType: z.string(),
  purpose: z.enum(['assistants', 'batch', 'user_data', 'vision', 'evals']),
  size: z.int().nonnegative(),
  sha256: z.string(),
  createdAt: z.int(),
  expiresAt: z.int().nullable(),
});
export type StoredFile = z.output<typeof StoredFile>;

const FileId = z.object({ fileId: z.string() });

export const putFile = call({
  subject: 'session.put-file.v1',
  request: z.object({
    content: Binary,
    filename: z.string().min(1).max(255),
    purpose: StoredFile.shape.purpose,
    expiresAt: z.int().nullable().default(null),
  }),
  reply: StoredFile,
  errors: [...STATEFUL, 'payload_too_large'],
});
export const getFile = call({
  subject: 'session.get-file.v1',
  request: FileId,
  reply: StoredFile,
  errors: STATEFUL,
});
export const readFile = call({
  subject: 'session.read-file.v1',
  request: FileId,
  reply: z.object({ file: StoredFile, content: Binary }),
  errors: STATEFUL,
});
export const listFiles = call({
  subject: 'session.list-files.v1',
  request: z.object({ purpose: StoredFile.shape.purpose.optional() }).extend(Page.shape),
  reply: z.object({ files: z.array(StoredFile), hasMore: z.boolean() }),
  errors: STATEFUL,
});
export const deleteFile = call({
  subject: 'session.delete-file.v1',
  request: FileId,
  reply: Deleted,
  errors: STATEFUL,
});
