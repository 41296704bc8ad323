import type { z } from 'zod';
import type { EventStream } from '../streaming/event-stream.js';
import type { PlainAnswer } from './plain-answer.js';
import type { FileDownload } from './file-download.js';

/** `public` asks for nothing, `key` for any valid key, `admin` for one with that scope. */
export type Access = 'public' | 'key' | 'admin';

export interface MultipartForm<Fields extends z.ZodType = z.ZodType> {
  /** What the form holds beside its one part named `file`. */
  readonly fields: Fields;
}

/** A body of plain bytes, `application/octet-stream`. */
export interface BytesBody<Headers extends z.ZodObject = z.ZodObject> {
  readonly description: string;
  /** Bodies of every type, and of none, come as bytes, JSON too; the endpoint reads them itself. */
  readonly everyType?: true;
  /** What is read of the headers, by their names in lower case. */
  readonly headers?: Headers;
}

/**
 * One endpoint as a value: the route, the check of what comes in and the OpenAPI page are made from
 * it, so that they cannot disagree.
 */
export interface Endpoint<
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodType,
  Fields extends z.ZodType = z.ZodType,
  Reply extends z.ZodType = z.ZodType,
  Headers extends z.ZodObject = z.ZodObject,
> {
  readonly operationId: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** In the router's spelling: `/v1/files/:file_id`, `/v1/models/*`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly access: Access;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  /** Accepted beside the JSON body, or instead of it when there is none. */
  readonly form?: MultipartForm<Fields>;
  /** The same for plain bytes. No endpoint takes a form and bytes. */
  readonly bytes?: BytesBody<Headers>;
  /** Parameters that exist elsewhere and are refused here, with the reason a client is told. */
  readonly refused?: Readonly<Record<string, string>>;
  /** Of refusals and failures, where they look otherwise than those of /v1. */
  readonly failure?: z.ZodType;
  /** Of a plain answer. Absent: bytes. */
  readonly reply?: Reply;
  /** One event of a streamed answer. */
  readonly event?: z.ZodType;
  /** Statuses with which the reply may come beside 200, and why. */
  readonly alsoAnswers?: Readonly<Record<number, string>>;
}

export interface UploadedFile {
  readonly bytes: Uint8Array;
  readonly filename: string;
  readonly declaredType: string;
}

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** What the handler of an endpoint receives, checked. */
export interface InputOf<E extends Endpoint> {
  readonly params: Parsed<E['params']>;
  readonly query: Parsed<E['query']>;
  /** Undefined when the client sent a form, or bytes. */
  readonly body: E extends { form: MultipartForm } | { bytes: BytesBody }
    ? Parsed<E['body']> | undefined
    : Parsed<E['body']>;
  readonly form: E['form'] extends MultipartForm<infer Fields>
    ? { readonly file: UploadedFile; readonly fields: z.output<Fields> } | undefined
    : undefined;
  /** Undefined when the client sent JSON instead. */
  readonly bytes: E extends { bytes: BytesBody<infer Headers> }
    ? ReceivedBytes<z.output<Headers>> | (E['body'] extends z.ZodType ? undefined : never)
    : undefined;
}

export interface ReceivedBytes<Headers> {
  readonly content: Uint8Array;
  readonly headers: Headers;
}

/** What it may answer with. */
export type AnswerOf<E extends Endpoint> =
  | (E['reply'] extends z.ZodType ? z.input<E['reply']> : FileDownload)
  | PlainAnswer
  | (E['event'] extends z.ZodType ? EventStream : never);

export function endpoint<const E extends Endpoint>(description: E): E {
  return Object.freeze(description);
}
