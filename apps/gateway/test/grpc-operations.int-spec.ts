import { once } from 'node:events';
import {
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  makeClientConstructor,
  type ServiceDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { fromJSON, loadFileDescriptorSetFromBuffer } from '@grpc/proto-loader';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { definedService } from './grpc-definition.js';
import { type RunningGateway, startGateway } from './running-gateway.js';

/** Of `grpc/health/v1/health.proto` and `grpc/reflection/v1/reflection.proto` (github.com/grpc/grpc-proto), what is asked here. */
const DEFINITION = fromJSON(
  {
    nested: {
      'grpc.health.v1': {
        nested: {
          Health: {
            methods: {
              Check: { requestType: 'HealthCheckRequest', responseType: 'HealthCheckResponse' },
              Watch: {
                requestType: 'HealthCheckRequest',
                responseType: 'HealthCheckResponse',
                responseStream: true,
              },
            },
          },
          HealthCheckRequest: { fields: { service: { type: 'string', id: 1 } } },
          HealthCheckResponse: { fields: { status: { type: 'Status', id: 1 } } },
          Status: { values: { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } },
        },
      },
      'grpc.reflection.v1': {
        nested: {
          ServerReflection: {
            methods: {
              ServerReflectionInfo: {
                requestType: 'Request',
                requestStream: true,
                responseType: 'Response',
                responseStream: true,
              },
            },
          },
          Request: {
            oneofs: { message_request: { oneof: ['file_containing_symbol', 'list_services'] } },
            fields: {
              file_containing_symbol: { type: 'string', id: 4 },
              list_services: { type: 'string', id: 7 },
            },
          },
          Response: {
            fields: {
              file_descriptor_response: { type: 'Files', id: 4 },
              list_services_response: { type: 'Services', id: 6 },
            },
          },
          Files: { fields: { file_descriptor_proto: { rule: 'repeated', type: 'bytes', id: 1 } } },
          Services: { fields: { service: { rule: 'repeated', type: 'Service', id: 1 } } },
          Service: { fields: { name: { type: 'string', id: 1 } } },
        },
      },
    },
  } as Parameters<typeof fromJSON>[0],
  { keepCase: true, enums: String, defaults: true },
);

type Reply = Record<string, unknown>;
interface Clients {
  Check(request: object, done: (error: ServiceError | null, reply: Reply) => void): void;
  Watch(request: object): ClientReadableStream<Reply>;
  ServerReflectionInfo(): ClientDuplexStream<object, Reply>;
}

let gateway: RunningGateway;

beforeEach(async () => {
  gateway = await startGateway();
});
afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
});

/** Without a key: neither health nor what the server looks like is a secret. */
function clientOf(name: string): Clients & Disposable {
  const Client = makeClientConstructor(DEFINITION[name] as unknown as ServiceDefinition, name);
  const client = new Client(`localhost:${gateway.server.grpcPort}`, credentials.createInsecure());
  return Object.assign(client as unknown as Clients, { [Symbol.dispose]: () => client.close() });
}

function check(client: Clients, service: string): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  client.Check({ service }, (error, reply) => (error === null ? resolve(reply['status']) : reject(error)));
  return promise;
}

it('tells orchestrators of its health, and of its end before it ends', async () => {
  using client = clientOf('grpc.health.v1.Health');

  await expect.poll(() => check(client, ''), { timeout: 10_000 }).toBe('SERVING');
  expect(await check(client, 'inference.GRPCInferenceService')).toBe('SERVING');
  await expect(check(client, 'another.Service')).rejects.toThrow('NOT_FOUND');
  const watched = client.Watch({ service: '' });
  watched.on('error', () => undefined);
  expect((await once(watched, 'data'))[0]).toEqual({ status: 'SERVING' });
  const next = once(watched, 'data');
  const drained = gateway.server.drain?.(5_000);
  expect((await next)[0]).toEqual({ status: 'NOT_SERVING' });
  watched.cancel();
  await drained;
});

it('shows its services and messages to those who ask', async () => {
  using client = clientOf('grpc.reflection.v1.ServerReflection');
  const asking = client.ServerReflectionInfo();
  const ask = async (question: object): Promise<Reply> => {
    const answer = once(asking, 'data');
    asking.write(question);
    return ((await answer) as [Reply])[0];
  };

  expect(await ask({ list_services: '*' })).toMatchObject({
    list_services_response: {
      service: expect.arrayContaining([{ name: 'inference.GRPCInferenceService' }]),
    },
  });
  const { file_descriptor_response: files } = await ask({
    file_containing_symbol: 'inference.GRPCInferenceService',
  });
  const { file_descriptor_proto: descriptors } = files as { file_descriptor_proto: Buffer[] };
  const shown = loadFileDescriptorSetFromBuffer(Buffer.concat(descriptors.map(asFile)));
  expect(Object.keys(shown['inference.GRPCInferenceService'] ?? {}).toSorted()).toEqual(
    Object.keys(definedService()).toSorted(),
  );
  asking.end();
});

/** As the first field of a `FileDescriptorSet`. */
function asFile(descriptor: Buffer): Buffer {
  const head = [0x0a];
  let length = descriptor.length;
  for (; length > 0x7f; length >>>= 7) head.push((length & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([...head, length]), descriptor]);
}
