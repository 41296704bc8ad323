import { z } from 'zod';

/** Bytes up to {@link INLINE_LIMIT} travel in the message; larger ones as a reference into the object store. */
export const INLINE_LIMIT = 256 * 1024;

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'expected bytes');

export const Binary = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('inline'), mediaType: z.string(), bytes }),
  z.object({
    kind: z.literal('blob'),
    mediaType: z.string(),
    bucket: z.string(),
    name: z.string(),
    /** Lower-case hex of the content; the reader checks it. */
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    size: z.int().nonnegative(),
  }),
]);
export type Binary = z.output<typeof Binary>;

/** Bytes of the content, wherever it is. */
export function sizeOfBinary(binary: Binary): number {
  return binary.kind === 'inline' ? binary.bytes.byteLength : binary.size;
}

/** Corners clockwise from the reading direction's top left, in pixels of the image as given. */
export const Quadrilateral = z.tuple([
  z.tuple([z.number(), z.number()]),
  z.tuple([z.number(), z.number()]),
  z.tuple([z.number(), z.number()]),
  z.tuple([z.number(), z.number()]),
]);
export type Quadrilateral = z.output<typeof Quadrilateral>;

export const ContentPart = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  /** `path` is where the client wrote the part, so that an error can name it. */
  z.object({
    type: z.literal('image'),
    image: Binary,
    fileId: z.string().optional(),
    detail: z.enum(['auto', 'low', 'high']).default('auto'),
    path: z.string().optional(),
  }),
  z.object({
    type: z.literal('file'),
    file: Binary,
    filename: z.string(),
    fileId: z.string().optional(),
    path: z.string().optional(),
  }),
  z.object({
    type: z.literal('audio'),
    audio: Binary,
    fileId: z.string().optional(),
    path: z.string().optional(),
  }),
]);
export type ContentPart = z.output<typeof ContentPart>;

export const ToolCall = z.object({ id: z.string(), name: z.string(), arguments: z.string() });
export type ToolCall = z.output<typeof ToolCall>;

export const Message = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z.array(ContentPart),
  name: z.string().optional(),
  /** Of an assistant message. */
  toolCalls: z.array(ToolCall).optional(),
  /** Of a tool message: which call this answers. */
  toolCallId: z.string().optional(),
});
export type Message = z.output<typeof Message>;

export const Usage = z.object({
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
});
export type Usage = z.output<typeof Usage>;

export const FinishReason = z.enum(['stop', 'length', 'tool_calls', 'content_filter']);
export type FinishReason = z.output<typeof FinishReason>;
