import type { AnswerOf, Endpoint, InputOf } from './endpoint.js';
import type { Exchange } from './exchange.js';

const ENDPOINTS = Symbol('trivium.gateway.endpoints');

type Handler<E extends Endpoint> = (
  input: InputOf<E>,
  exchange: Exchange,
) => AnswerOf<E> | Promise<AnswerOf<E>>;

export interface ServedEndpoint {
  readonly endpoint: Endpoint;
  readonly method: string;
}

/** The method answers this endpoint. Its route skips Nest's per-request machinery: no pipe, guard or interceptor runs. */
export function Serves<E extends Endpoint>(endpoint: E) {
  return <Method extends Handler<E>>(
    target: object,
    key: string,
    _descriptor: TypedPropertyDescriptor<Method>,
  ): void => {
    const served = endpointsOf(target.constructor);
    Reflect.defineMetadata(ENDPOINTS, [...served, { endpoint, method: key }], target.constructor);
  };
}

export function endpointsOf(controller: object): readonly ServedEndpoint[] {
  return (Reflect.getMetadata(ENDPOINTS, controller) as readonly ServedEndpoint[] | undefined) ?? [];
}
