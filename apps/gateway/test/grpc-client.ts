import {
  type ChannelCredentials,
  type ClientDuplexStream,
  type ClientUnaryCall,
  credentials,
  makeClientConstructor,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { definedService } from './grpc-definition.js';
import { LOCAL_KEY } from './running-gateway.js';

export type Message = Readonly<Record<string, unknown>>;

export interface CallOptions {
  /** Of the gateway; empty: none is sent. */
  readonly key?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** Has the call in its hand while it is open. */
  readonly begun?: (call: ClientUnaryCall) => void;
}

type Unary = (
  request: object,
  metadata: Metadata,
  options: object,
  done: (error: ServiceError | null, reply: Message) => void,
) => ClientUnaryCall;
type Streamed = (metadata: Metadata, options: object) => ClientDuplexStream<object, Message>;

export interface GrpcClient extends Disposable {
  call(method: string, request: object, options?: CallOptions): Promise<Message>;
  stream(options?: CallOptions): ClientDuplexStream<object, Message>;
}

/** A client that knows the protocol from its definition and not from ours, on a connection of its own. */
export function grpcClient(
  port: number,
  security: ChannelCredentials = credentials.createInsecure(),
  options: object = {},
): GrpcClient {
  const Client = makeClientConstructor(definedService(), 'GRPCInferenceService');
  const client = new Client(`localhost:${port}`, security, {
    'grpc.max_send_message_length': -1,
    'grpc.max_receive_message_length': -1,
    'grpc.use_local_subchannel_pool': 1,
    ...options,
  });
  const methods = client as unknown as Record<string, Unary>;
  const metadataOf = ({ key = LOCAL_KEY, metadata = {} }: CallOptions) => {
    const made = new Metadata();
    if (key !== '') made.set('authorization', `Bearer ${key}`);
    for (const [name, value] of Object.entries(metadata)) made.set(name, value);
    return made;
  };
  const deadlineOf = ({ timeoutMs = 20_000 }: CallOptions) => ({ deadline: Date.now() + timeoutMs });
  return {
    call: (method, request, options = {}) => {
      const { promise, resolve, reject } = Promise.withResolvers<Message>();
      const open = methods[method]?.call(
        client,
        request,
        metadataOf(options),
        deadlineOf(options),
        (error, reply) => (error === null ? resolve(reply) : reject(error)),
      );
      if (open === undefined) throw new TypeError(`The protocol has no method ${method}`);
      options.begun?.(open);
      return promise;
    },
    stream: (options = {}) =>
      (methods['ModelStreamInfer'] as unknown as Streamed).call(
        client,
        metadataOf(options),
        deadlineOf(options),
      ),
    [Symbol.dispose]: () => client.close(),
  };
}
