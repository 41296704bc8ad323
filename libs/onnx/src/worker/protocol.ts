import { DomainError, type ErrorCode, isErrorCode } from '@trivium/contracts';

/** Descriptor of the pipe between a worker and its service, on the worker's side. */
export const MESSAGES_FD = 3;

/** W3C trace headers of the caller of one task. */
export type TraceCarrier = Readonly<Record<string, string>>;

/** Bytes that several tasks need: they cross to each worker once, and stay until they are released. */
export interface Attachment {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** One task as the engine passes it on. */
export interface Work<Task> {
  readonly task: Task;
  readonly trace: TraceCarrier;
  readonly attachment?: Attachment | undefined;
}

export interface TracedTask {
  readonly task: unknown;
  readonly trace: TraceCarrier;
}

/** The first message to a worker: which program it is. */
export interface StartMessage {
  readonly type: 'start';
  /** URL of a module whose default export loads the program. */
  readonly program: string;
  readonly options: unknown;
}

export interface RunMessage {
  readonly type: 'run';
  readonly id: number;
  readonly tasks: readonly TracedTask[];
  /** Those that this worker has not been sent before. */
  readonly attachments: readonly Attachment[];
}

export interface ReleaseMessage {
  readonly type: 'release';
  readonly attachmentId: string;
}

export type ToWorker = StartMessage | RunMessage | ReleaseMessage;

export type FromWorker =
  | { readonly type: 'ready'; readonly memoryBytes: number; readonly facts: unknown }
  | { readonly type: 'failed'; readonly error: Fault }
  | {
      readonly type: 'reply';
      readonly id: number;
      readonly results: readonly unknown[];
      readonly memoryBytes: number;
    }
  | { readonly type: 'error'; readonly id: number; readonly error: Fault; readonly memoryBytes: number };

/** An error as data: classes do not survive the pipe. */
export interface Fault {
  readonly code: ErrorCode | undefined;
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly param: string | undefined;
  readonly retryable: boolean | undefined;
  readonly retryAfterMs: number | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;
}

export function toFault(error: unknown): Fault {
  const plain = error instanceof Error ? error : new Error(String(error));
  const domain = DomainError.is(error) ? error : undefined;
  return {
    code: domain?.code,
    name: plain.name,
    message: plain.message,
    stack: plain.stack,
    param: domain?.param,
    retryable: domain?.retryable,
    retryAfterMs: domain?.retryAfterMs,
    details: domain?.details,
  };
}

export function fromFault(fault: Fault): Error {
  const { code, message, param, retryable, retryAfterMs, details } = fault;
  if (isErrorCode(code)) return new DomainError(code, message, { param, retryable, retryAfterMs, details });
  const error = new Error(message);
  error.name = fault.name;
  if (fault.stack !== undefined) error.stack = fault.stack;
  return error;
}
