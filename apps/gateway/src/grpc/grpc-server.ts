import { fileURLToPath } from 'node:url';
import {
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import type { Health } from '@trivium/platform';
import { HealthImplementation } from 'grpc-health-check';
import type { GatewayConfig } from '../gateway.config.js';
import type { Infer } from '../v2/infer.js';
import type { ModelControl } from '../v2/model-control.js';
import { inferenceService } from './inference-service.js';
import { OpenCalls, type OpenCallsOptions } from './open-calls.js';

const PROTO = fileURLToPath(new URL('../../proto/open-inference.proto', import.meta.url));
const SERVICE = 'inference.GRPCInferenceService';

const MOST_ANSWER_BYTES = 64 * 1024 ** 2;
/** On one connection. */
const MOST_STREAMS = 256;
/** What orchestrators hear is at most so old. */
const HEALTH_EVERY_MS = 2_000;
/** For the failures of stopped calls to leave. */
const LAST_WORDS_MS = 500;

export interface GrpcServerOptions extends OpenCallsOptions {
  readonly config: Pick<
    GatewayConfig,
    'HOST' | 'GRPC_PORT' | 'GATEWAY_TLS_KEY' | 'GATEWAY_TLS_CERT' | 'GATEWAY_BODY_LIMIT_BYTES'
  >;
  readonly infer: Infer;
  readonly control: ModelControl;
  readonly health: Health;
}

/** The Open Inference Protocol over gRPC, with health and reflection, on a port of its own. */
export class GrpcServer {
  readonly #server: Server;
  readonly #calls: OpenCalls;
  readonly #health: HealthImplementation;
  readonly #timer: NodeJS.Timeout;

  private constructor(private readonly options: GrpcServerOptions) {
    const definition = loadSync(PROTO, {
      keepCase: true,
      longs: String,
      enums: String,
      defaults: true,
      oneofs: true,
    });
    this.#calls = new OpenCalls(options);
    this.#server = new Server({
      'grpc.max_receive_message_length': options.config.GATEWAY_BODY_LIMIT_BYTES,
      'grpc.max_send_message_length': MOST_ANSWER_BYTES,
      'grpc.max_concurrent_streams': MOST_STREAMS,
      interceptors: [options.admission.interceptor],
    });
    this.#server.addService(measured(definition), inferenceService(this.#calls, options));
    this.#health = new HealthImplementation({ '': 'NOT_SERVING', [SERVICE]: 'NOT_SERVING' });
    this.#health.addToServer(this.#server);
    new ReflectionService(definition).addToServer(this.#server);
    this.#timer = setInterval(() => void this.#tellHealth(), HEALTH_EVERY_MS).unref();
  }

  static async start(options: GrpcServerOptions): Promise<GrpcServer & { readonly port: number }> {
    const server = new GrpcServer(options);
    await server.#tellHealth();
    const port = await server.#bind();
    return Object.assign(server, { port });
  }

  /** Takes no new call; what is open has `timeoutMs` to end by itself. */
  async drain(timeoutMs: number): Promise<void> {
    clearInterval(this.#timer);
    this.#tell(false);
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    this.#server.tryShutdown(() => resolve());
    this.#calls.endStreams();
    if (await inTime(ended, timeoutMs)) return;
    this.#calls.stopAll();
    await inTime(ended, LAST_WORDS_MS);
    this.#server.forceShutdown();
  }

  #bind(): Promise<number> {
    const { HOST, GRPC_PORT, GATEWAY_TLS_KEY: key, GATEWAY_TLS_CERT: cert } = this.options.config;
    const credentials =
      key && cert
        ? ServerCredentials.createSsl(null, [
            { private_key: Buffer.from(key), cert_chain: Buffer.from(cert) },
          ])
        : ServerCredentials.createInsecure();
    const host = HOST.includes(':') ? `[${HOST}]` : HOST;
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(`${host}:${GRPC_PORT}`, credentials, (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
  }

  async #tellHealth(): Promise<void> {
    const { ready } = await this.options.health.readiness();
    this.#tell(ready);
  }

  #tell(ready: boolean): void {
    for (const service of ['', SERVICE]) this.#health.setStatus(service, ready ? 'SERVING' : 'NOT_SERVING');
  }
}

/** The service with messages that know how many bytes they took. */
function measured(definition: PackageDefinition): ServiceDefinition<UntypedServiceImplementation> {
  const service = definition[SERVICE] as ServiceDefinition | undefined;
  if (service === undefined) throw new Error(`${PROTO} does not define ${SERVICE}`);
  const methods = Object.entries(service).map(([name, method]) => {
    const { requestDeserialize } = method as MethodDefinition<unknown, unknown>;
    const read = (bytes: Buffer) => ({ message: requestDeserialize(bytes), bytes: bytes.byteLength });
    return [name, { ...(method as object), requestDeserialize: read }];
  });
  return Object.fromEntries(methods) as ServiceDefinition<UntypedServiceImplementation>;
}

async function inTime(work: Promise<void>, ms: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), ms);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
