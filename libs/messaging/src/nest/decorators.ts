import { applyDecorators, Catch, type ExceptionFilter, UseFilters } from '@nestjs/common';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import { PARAM_ARGS_METADATA } from '@nestjs/microservices/constants.js';
import type {
  CallContract,
  EventContract,
  ParsedRequestOf,
  PartOf,
  PayloadOf,
  ReplyOf,
  StreamContract,
} from '@trivium/contracts';
import { type Observable, throwError } from 'rxjs';
import type { AdmissionOptions, CallContext } from '../messaging.js';
import { TRANSPORT } from './tokens.js';

/** What a decorator leaves on its method for the transport to find. */
export type HandlerExtras =
  | { readonly contract: CallContract | StreamContract; readonly admission: AdmissionOptions }
  | { readonly contract: EventContract; readonly subscription: EventSubscription };

/** What an event handler receives beside the payload. */
export interface EventContext {
  readonly messageId: string;
  /** Empty when the publisher acted for nobody. */
  readonly tenant: string;
}

export interface EventSubscription {
  /** Durable name: all processes that use it share the events, and it remembers what was handled. */
  readonly consumer: string;
  /** Events handled at the same time by all processes of this consumer, 8 unless told; 1 keeps their order. */
  readonly concurrency?: number | undefined;
}

type Decorates<Handler> = <T extends Handler>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<T>,
) => void;

/** Hands errors through unchanged, where Nest's own filter would drop their codes. */
@Catch()
class UnchangedErrors implements ExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/** Without parameter decorators the handler is called with what the transport passes, past Nest's pipes. */
function passArguments(target: object, key: string | symbol): void {
  if (Reflect.getMetadata(PARAM_ARGS_METADATA, target.constructor, key) === undefined) {
    Reflect.defineMetadata(PARAM_ARGS_METADATA, {}, target.constructor, key);
  }
}

function handles(extras: HandlerExtras): MethodDecorator {
  const { contract } = extras;
  const pattern =
    contract.kind === 'event'
      ? (EventPattern(contract.subject, TRANSPORT, extras) as MethodDecorator)
      : MessagePattern(contract.subject, TRANSPORT, extras);
  return applyDecorators(passArguments, UseFilters(UnchangedErrors), pattern);
}

/** The method answers this call in the contract owner's queue group. */
export function AnswersCall<C extends CallContract>(
  contract: C,
  admission: AdmissionOptions = {},
): Decorates<(request: ParsedRequestOf<C>, context: CallContext) => Promise<ReplyOf<C>>> {
  return handles({ contract, admission }) as ReturnType<typeof AnswersCall<C>>;
}

/** The method answers this stream; `yield` waits until the reader wants more. */
export function AnswersStream<S extends StreamContract>(
  contract: S,
  admission: AdmissionOptions = {},
): Decorates<(request: ParsedRequestOf<S>, context: CallContext) => AsyncIterable<PartOf<S>>> {
  return handles({ contract, admission }) as ReturnType<typeof AnswersStream<S>>;
}

/** The method handles this event at least once; a rejection brings it back later. */
export function OnEvent<E extends EventContract>(
  contract: E,
  subscription: EventSubscription,
): Decorates<(payload: PayloadOf<E>, context: EventContext) => Promise<void>> {
  return handles({ contract, subscription }) as ReturnType<typeof OnEvent<E>>;
}
