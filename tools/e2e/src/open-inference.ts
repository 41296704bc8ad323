import { join } from 'node:path';
import { credentials, loadPackageDefinition, Metadata } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { root, type TestHouse } from './test-house.js';

type Caller = Pick<TestHouse, 'url' | 'apiKey'>;

export interface JsonTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export interface InferAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly version: string;
  readonly variant: string;
  readonly data: readonly number[];
  readonly error: string;
}

/** A request to `/v2` with a key; without a body it is a GET. */
export function v2(caller: Caller, path: string, body?: object): Promise<Response> {
  return fetch(`${caller.url}/v2${path}`, {
    headers: { authorization: `Bearer ${caller.apiKey}`, 'content-type': 'application/json' },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  });
}

/** JSON there and back; the data of the first output. */
export async function inferJson(
  caller: Caller,
  model: string,
  inputs: readonly JsonTensor[],
): Promise<InferAnswer> {
  const response = await v2(caller, `/models/${model}/infer`, { inputs });
  const body = (await response.json()) as {
    model_version?: string;
    parameters?: { variant?: string };
    outputs?: { data: number[] }[];
    error?: string;
  };
  return {
    status: response.status,
    headers: response.headers,
    version: body.model_version ?? '',
    variant: body.parameters?.variant ?? '',
    data: body.outputs?.[0]?.data ?? [],
    error: body.error ?? '',
  };
}

/** The binary tensor extension there and back; the first output, which must be FP32. */
export async function inferBinary(
  caller: Caller,
  model: string,
  inputs: readonly JsonTensor[],
): Promise<number[]> {
  const raw = inputs.map(bytesOf);
  const json = Buffer.from(
    JSON.stringify({
      inputs: inputs.map(({ data: _data, ...head }, index) => ({
        ...head,
        parameters: { binary_data_size: raw[index]?.byteLength },
      })),
      parameters: { binary_data_output: true },
    }),
  );
  const response = await fetch(`${caller.url}/v2/models/${model}/infer`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${caller.apiKey}`,
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(json.byteLength),
    },
    body: Buffer.concat([json, ...raw]),
  });
  const answer = Buffer.from(await response.arrayBuffer());
  const head = Number(response.headers.get('inference-header-content-length'));
  return floatsOf(answer.subarray(head));
}

/** ModelInfer over gRPC with raw contents; the first output, which must be FP32. */
export async function inferGrpc(
  { grpcAddress, apiKey }: Pick<TestHouse, 'grpcAddress' | 'apiKey'>,
  model: string,
  inputs: readonly JsonTensor[],
): Promise<number[]> {
  const proto = join(root, 'apps/gateway/proto/open-inference.proto');
  const definition = loadSync(proto, { keepCase: true, longs: Number, defaults: true });
  const { inference } = loadPackageDefinition(definition) as unknown as {
    inference: { GRPCInferenceService: new (address: string, security: unknown) => GrpcClient };
  };
  const client = new inference.GRPCInferenceService(grpcAddress, credentials.createInsecure());
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${apiKey}`);
  const request = {
    model_name: model,
    inputs: inputs.map(({ data: _data, ...head }) => head),
    raw_input_contents: inputs.map(bytesOf),
  };
  try {
    const reply = await new Promise<GrpcReply>((resolve, reject) => {
      client.ModelInfer(request, metadata, (error, answer) => {
        if (error === null) resolve(answer);
        else reject(error);
      });
    });
    return floatsOf(reply.raw_output_contents[0] ?? Buffer.alloc(0));
  } finally {
    client.close();
  }
}

interface GrpcReply {
  readonly raw_output_contents: readonly Buffer[];
}

interface GrpcClient {
  ModelInfer(
    request: object,
    metadata: Metadata,
    done: (error: Error | null, reply: GrpcReply) => void,
  ): void;
  close(): void;
}

function bytesOf({ datatype, data }: JsonTensor): Buffer {
  if (datatype === 'FP32') return Buffer.from(Float32Array.from(data).buffer);
  if (datatype === 'INT64') return Buffer.from(BigInt64Array.from(data, BigInt).buffer);
  throw new TypeError(`No test sends ${datatype}`);
}

function floatsOf(bytes: Buffer): number[] {
  return Array.from({ length: bytes.byteLength / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}
