import { DomainError } from '@trivium/contracts';
import type { InstanceGroup, ModelManifest, Variant } from '@trivium/contracts/model-manifest';
import { HEADER_LENGTH } from '@trivium/contracts/open-inference';
import { type InferenceBody, readAnswer, splitBody } from '@trivium/contracts/open-inference-message';
import { Datatype, elementCount } from '@trivium/contracts/tensor';
import { pooled, type TensorResult, type TensorTask, type Work } from '@trivium/onnx';
import type { BatchLimits, ModelV1 } from '@trivium/serving';
import { Pool } from 'undici';
import { z } from 'zod';
import { readBounded, upstreamError } from './upstream.js';

interface RemoteTensorModelOptions {
  readonly manifest: ModelManifest;
  readonly variant: Variant;
  readonly group: Extract<InstanceGroup, { kind: 'KIND_REMOTE' }>;
  /** Bearer key of the other server. */
  readonly key?: string | undefined;
  /** Largest answer that is read, 64 MiB unless told. */
  readonly maxAnswerBytes?: number | undefined;
}

interface RemoteAnswer {
  readonly body: Uint8Array;
  readonly headerLength: string | undefined;
}

const CONNECT_MS = 5_000;
const MOST_ANSWER_BYTES = 64 * 1024 ** 2;

/** What is read of an answer; other servers may say more. */
const Answer = z.object({
  model_name: z.string(),
  model_version: z.string().default(''),
  outputs: z.array(
    z.object({
      name: z.string(),
      datatype: Datatype,
      shape: z.array(z.int().nonnegative()),
      parameters: z.object({ binary_data_size: z.int().nonnegative().optional() }).optional(),
      data: z.array(z.union([z.number(), z.string(), z.boolean()])).optional(),
    }),
  ),
});

/**
 * The same model at another server of the Open Inference Protocol, tensors raw both ways. Requests are
 * sent one by one: making batches is what the other server's own queue is for. No request is sent twice.
 */
export class RemoteTensorModel implements ModelV1<Work<TensorTask>, TensorResult> {
  readonly specification = 'model/v1';
  readonly placement = 'remote';
  readonly modelId: string;
  readonly variant: string;
  readonly manifest: ModelManifest;
  /** Nothing of it lives here. */
  readonly memoryBytes = 0;
  readonly limits: BatchLimits;
  readonly #options: RemoteTensorModelOptions;
  readonly #path: string;
  readonly #pool: Pool;

  constructor(options: RemoteTensorModelOptions) {
    const { manifest, variant, group } = options;
    const url = new URL(group.url);
    this.#options = options;
    this.manifest = manifest;
    this.modelId = manifest.id;
    this.variant = variant;
    this.limits = {
      maxBatchItems: Math.max(1, manifest.max_batch_size),
      maxBatchCost: manifest.dynamic_batching.cost.max_batch_cost,
      costUnit: manifest.dynamic_batching.cost.unit,
      maxConcurrentBatches: group.count,
    };
    this.#path = `${url.pathname.replace(/\/$/, '')}/v2/models/${encodeURIComponent(group.model)}`;
    this.#pool = new Pool(url.origin, {
      connections: group.count * this.limits.maxBatchItems,
      connect: { timeout: CONNECT_MS },
      headersTimeout: manifest.hang_after_ms,
      bodyTimeout: manifest.hang_after_ms,
    });
  }

  /** Resolves when the other server knows the model; `upstream_error` says why it does not. */
  async start(): Promise<void> {
    const { body } = await this.#send('GET', '', {}, undefined, undefined);
    const { success } = z.object({ name: z.string() }).safeParse(parseJson(body));
    if (!success)
      throw new DomainError('upstream_error', `${this.#place} does not speak the Open Inference Protocol.`);
  }

  /** Elements per item of the cost input, as for a model that runs here. */
  costOf({ task }: Work<TensorTask>): number {
    const { input } = this.manifest.dynamic_batching.cost;
    const tensor = task.inputs.find(({ name }) => name === input);
    if (tensor === undefined) return 1;
    const sides = this.manifest.max_batch_size > 0 ? tensor.shape.slice(1) : tensor.shape;
    return Math.max(1, elementCount(sides));
  }

  itemsOf({ task }: Work<TensorTask>): number {
    return this.manifest.max_batch_size > 0 ? (task.inputs[0]?.shape[0] ?? 1) : 1;
  }

  /** Requests do not share a run here, so whatever their shapes they may travel together. */
  bucketOf(): string {
    return 'any';
  }

  async doRun(batch: readonly Work<TensorTask>[], signal: AbortSignal): Promise<readonly TensorResult[]> {
    const failed = new AbortController();
    const either = AbortSignal.any([signal, failed.signal]);
    try {
      return await Promise.all(batch.map((work) => this.#infer(work, either)));
    } catch (error) {
      // The batch fails as one; what the others compute would be thrown away.
      failed.abort(error);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy();
  }

  get #place(): string {
    return `${this.#options.group.url} (${this.#options.group.model})`;
  }

  async #infer({ task, trace }: Work<TensorTask>, signal: AbortSignal): Promise<TensorResult> {
    const head = Buffer.from(
      JSON.stringify({
        inputs: task.inputs.map(({ name, datatype, shape, data }) => ({
          name,
          datatype,
          shape,
          parameters: { binary_data_size: data.byteLength },
        })),
        parameters: { binary_data_output: true },
        ...(task.outputs && {
          outputs: task.outputs.map((name) => ({ name, parameters: { binary_data: true } })),
        }),
      }),
    );
    const content = Buffer.concat([head, ...task.inputs.map(({ data }) => data)]);
    const headers = {
      ...trace,
      'content-type': 'application/octet-stream',
      [HEADER_LENGTH]: String(head.byteLength),
    };
    const answer = await this.#send('POST', '/infer', headers, content, signal);
    const { json, binary } = this.#split(answer);
    const parsed = Answer.safeParse(parseJson(json));
    if (!parsed.success) {
      throw new DomainError('upstream_error', `${this.#place} answered something else than tensors.`);
    }
    const outputs = this.#inOrder(readAnswer(parsed.data.outputs, binary), task.outputs);
    return { outputs: pooled(outputs, task) };
  }

  #split({ body, headerLength }: RemoteAnswer): InferenceBody {
    try {
      return splitBody(body, headerLength);
    } catch (error) {
      throw new DomainError('upstream_error', `${this.#place} tells a wrong length of its JSON.`, {
        cause: error,
      });
    }
  }

  #inOrder(outputs: TensorResult['outputs'], asked: readonly string[] | undefined): TensorResult['outputs'] {
    const names = asked ?? this.manifest.output.map(({ name }) => name);
    if (names.length === 0) return outputs;
    return names.map((name) => {
      const output = outputs.find((tensor) => tensor.name === name);
      if (output !== undefined) return output;
      throw new DomainError('upstream_error', `${this.#place} answered without the output '${name}'.`);
    });
  }

  async #send(
    method: 'GET' | 'POST',
    action: string,
    headers: Readonly<Record<string, string>>,
    body: Buffer | undefined,
    signal: AbortSignal | undefined,
  ): Promise<RemoteAnswer> {
    const { key, maxAnswerBytes = MOST_ANSWER_BYTES } = this.#options;
    try {
      const answer = await this.#pool.request({
        method,
        path: this.#path + action,
        headers: { ...headers, ...(key !== undefined && { authorization: `Bearer ${key}` }) },
        ...(body !== undefined && { body }),
        ...(signal !== undefined && { signal }),
      });
      const bytes = await readBounded(answer.body, maxAnswerBytes, this.#place);
      if (answer.statusCode !== 200)
        throw upstreamError(answer.statusCode, answer.headers, bytes, this.#place);
      return { body: bytes, headerLength: answer.headers[HEADER_LENGTH]?.toString() };
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      if (DomainError.is(error)) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new DomainError('upstream_error', `${this.#place} cannot be asked: ${reason}`, { cause: error });
    }
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch {
    return undefined;
  }
}
