import type { ReplyOf, RequestOf } from '@trivium/contracts';
import { type Binary, INLINE_LIMIT } from '@trivium/contracts/content';
import type { InferenceContracts, InferExplanation } from '@trivium/contracts/inference';
import type { AnswerParameters, RequestParameters } from '@trivium/contracts/open-inference';
import type { Tensor } from '@trivium/contracts/tensor';
import type { Messaging } from '@trivium/messaging';
import type { Exchange } from '../http/exchange.js';
import type { ModelDirectory } from './model-directory.js';
import type { ModelName } from './model-name.js';

type Contract = InferenceContracts['inferTensors'];

const MEDIA_TYPE = 'application/octet-stream';
/** Inputs are read when the service takes the request out of its queue. */
const INPUT_TTL_MS = 10 * 60_000;
const MICROSECONDS = 1_000;

export interface InferQuestion extends ModelName {
  readonly version: string | undefined;
  readonly inputs: readonly Tensor[];
  /** Absent: all. */
  readonly outputs: readonly string[] | undefined;
  readonly parameters: RequestParameters;
}

export interface InferAnswer {
  readonly model: string;
  readonly version: string;
  readonly outputs: readonly Tensor[];
  readonly cache: 'hit' | 'miss' | 'bypass';
  /** What the answer says about itself: the variant always, the rest when asked. */
  readonly parameters: AnswerParameters;
}

/** From tensors at hand to tensors at hand, whichever service computes them; HTTP and gRPC both ask here. */
export class Infer {
  constructor(
    private readonly messaging: Messaging,
    private readonly directory: ModelDirectory,
  ) {}

  async execute(question: InferQuestion, exchange: Exchange): Promise<InferAnswer> {
    const { model, variant, version, outputs, parameters } = question;
    const request: RequestOf<Contract> = {
      model,
      ...(variant !== undefined && { variant }),
      ...(version !== undefined && { version }),
      inputs: await Promise.all(question.inputs.map((input) => this.#store(input, exchange))),
      ...(outputs !== undefined && outputs.length > 0 && { outputs: [...outputs] }),
      ...(parameters.priority ? { priorityLevel: parameters.priority } : {}),
      ...(parameters.timeout ? { queueTimeoutMs: parameters.timeout / MICROSECONDS } : {}),
      cache: parameters.cache === false ? 'bypass' : 'use',
    };
    const reply = await this.directory.call(model, ({ inferTensors }) => inferTensors, request, exchange);
    return {
      model: reply.model,
      version: reply.version,
      outputs: await Promise.all(reply.outputs.map((output) => this.#fetch(output, exchange))),
      cache: reply.cache,
      parameters: { variant: reply.variant, ...(parameters.explain === true && explained(reply.explain)) },
    };
  }

  async #store(
    { data, shape, ...head }: Tensor,
    exchange: Exchange,
  ): Promise<RequestOf<Contract>['inputs'][number]> {
    const inline = exchange.takeRoom(data.byteLength) && data.byteLength <= INLINE_LIMIT;
    const stored: Binary = inline
      ? { kind: 'inline', mediaType: MEDIA_TYPE, bytes: data }
      : await exchange.inTime(
          this.messaging.blobs.put(data, MEDIA_TYPE, { ttlMs: INPUT_TTL_MS, inline: false }),
        );
    this.#onlyFor(exchange, stored);
    return { ...head, shape: [...shape], data: stored };
  }

  async #fetch({ data, ...head }: ReplyOf<Contract>['outputs'][number], exchange: Exchange): Promise<Tensor> {
    this.#onlyFor(exchange, data);
    const bytes = await exchange.inTime(this.messaging.blobs.get(data, { signal: exchange.signal }));
    return { ...head, data: bytes };
  }

  #onlyFor(exchange: Exchange, binary: Binary): void {
    if (binary.kind === 'inline') return;
    exchange.afterwards(() => {
      // What cannot be deleted now ends with its bucket's lifetime.
      this.messaging.blobs.delete(binary).catch(() => undefined);
    });
  }
}

/** As scalars, which is what the protocol's parameters hold. */
function explained({ steps, ...explain }: InferExplanation): AnswerParameters {
  return {
    placement: explain.placement,
    instance: explain.instance,
    release_reason: explain.releaseReason,
    queue_ms: explain.queueMs,
    compute_ms: explain.computeMs,
    load_ms: explain.loadMs,
    batch_size: explain.batchSize,
    batch_cost: explain.batchCost,
    batch_mates: explain.batchMates,
    ...(steps !== undefined && { steps: JSON.stringify(steps) }),
  };
}
