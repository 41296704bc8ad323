import type { z } from 'zod';
import type { ErrorCode } from './error.js';

/** `<service>.<verb-noun>.v<major>`; a malformed subject does not compile. */
export type Subject = `${string}.${string}.v${number}`;

/** One request, one reply. The queue group is the service name, the first word of the subject. */
export interface CallContract<
  Request extends z.ZodType = z.ZodType,
  Reply extends z.ZodType = z.ZodType,
  Code extends ErrorCode = ErrorCode,
> {
  readonly kind: 'call';
  readonly subject: Subject;
  readonly request: Request;
  readonly reply: Reply;
  readonly errors: readonly Code[];
}

/** One request, many parts, in order, under credit. */
export interface StreamContract<
  Request extends z.ZodType = z.ZodType,
  Part extends z.ZodType = z.ZodType,
  Code extends ErrorCode = ErrorCode,
> {
  readonly kind: 'stream';
  readonly subject: Subject;
  readonly request: Request;
  readonly part: Part;
  readonly errors: readonly Code[];
}

/** A fact in the past tense, delivered at least once; consumers drop repeats by message id. */
export interface EventContract<Payload extends z.ZodType = z.ZodType> {
  readonly kind: 'event';
  readonly subject: Subject;
  readonly payload: Payload;
}

export function call<Request extends z.ZodType, Reply extends z.ZodType, Code extends ErrorCode>(
  contract: Omit<CallContract<Request, Reply, Code>, 'kind'>,
): CallContract<Request, Reply, Code> {
  return Object.freeze({ kind: 'call', ...contract });
}

export function stream<Request extends z.ZodType, Part extends z.ZodType, Code extends ErrorCode>(
  contract: Omit<StreamContract<Request, Part, Code>, 'kind'>,
): StreamContract<Request, Part, Code> {
  return Object.freeze({ kind: 'stream', ...contract });
}

export function event<Payload extends z.ZodType>(
  contract: Omit<EventContract<Payload>, 'kind'>,
): EventContract<Payload> {
  return Object.freeze({ kind: 'event', ...contract });
}

/** What the sender writes (defaults not yet applied). */
export type RequestOf<C extends CallContract | StreamContract> = z.input<C['request']>;
/** What the handler receives (parsed, defaults applied). */
export type ParsedRequestOf<C extends CallContract | StreamContract> = z.output<C['request']>;
export type ReplyOf<C extends CallContract> = z.output<C['reply']>;
export type PartOf<C extends StreamContract> = z.output<C['part']>;
export type PayloadOf<C extends EventContract> = z.output<C['payload']>;

/** The service that owns a contract, which is also its queue group. */
export function ownerOf(contract: { readonly subject: Subject }): string {
  return contract.subject.slice(0, contract.subject.indexOf('.'));
}
