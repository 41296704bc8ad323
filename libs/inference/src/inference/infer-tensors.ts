import { DomainError, type ParsedRequestOf, type ReplyOf } from '@trivium/contracts';
import { sizeOfBinary } from '@trivium/contracts/content';
import type { InferenceContracts, WireTensor } from '@trivium/contracts/inference';
import type { Tensor } from '@trivium/contracts/tensor';
import type { Blobs, CallContext } from '@trivium/messaging';
import type { Admission } from '@trivium/serving';
import type { Engine } from '../engine/engine.js';

type Contract = InferenceContracts['inferTensors'];

const MEDIA_TYPE = 'application/octet-stream';
/** Outputs live until the gateway has written them out. */
const OUTPUT_TTL_MS = 10 * 60_000;
/** A message holds 1 MiB; beside its tensors it has names, shapes and the explanation. */
const MOST_INLINE_BYTES = 640 * 1024;

/** From tensors on the wire to tensors on the wire; what happens between is the engine's. */
export class InferTensors {
  constructor(
    private readonly engine: Engine,
    private readonly blobs: Blobs,
    private readonly admission: Admission,
    private readonly maxRequestBytes: number,
  ) {}

  async execute(request: ParsedRequestOf<Contract>, context: CallContext): Promise<ReplyOf<Contract>> {
    using _permit = this.admission.enter();
    this.#checkSize(request.inputs);
    const inputs = await this.#fetch(request.inputs, context.signal);
    const { outputs, ...answer } = await this.engine.infer({ ...request, inputs }, context);
    return { ...answer, outputs: await this.#store(outputs) };
  }

  #checkSize(inputs: readonly WireTensor[]): void {
    const bytes = inputs.reduce((sum, { data }) => sum + sizeOfBinary(data), 0);
    if (bytes <= this.maxRequestBytes) return;
    throw new DomainError(
      'payload_too_large',
      `The inputs hold ${bytes} bytes; ${this.maxRequestBytes} are allowed.`,
      { param: 'inputs', details: { bytes, limit: this.maxRequestBytes } },
    );
  }

  #fetch(inputs: readonly WireTensor[], signal: AbortSignal): Promise<Tensor[]> {
    return Promise.all(
      inputs.map(async ({ data, ...head }) => ({ ...head, data: await this.blobs.get(data, { signal }) })),
    );
  }

  async #store(outputs: readonly Tensor[]): Promise<WireTensor[]> {
    let inlineBytes = 0;
    return Promise.all(
      outputs.map(async ({ data, ...head }) => {
        inlineBytes += data.byteLength;
        const inline = inlineBytes <= MOST_INLINE_BYTES;
        const stored = await this.blobs.put(data, MEDIA_TYPE, { ttlMs: OUTPUT_TTL_MS, inline });
        return { ...head, shape: [...head.shape], data: stored };
      }),
    );
  }
}
