import { DomainError, type ParsedRequestOf, type ReplyOf } from '@trivium/contracts';
import type { InferenceContracts } from '@trivium/contracts/inference';
import type { Blobs } from '@trivium/messaging';
import { profileModel } from '@trivium/onnx';
import type { ModelFiles } from './model-file.js';
import { offThread } from './off-thread.js';

type Contract = InferenceContracts['profileModel'];

const TRACE_TTL_MS = 10 * 60_000;

/** Where the time of a model goes, operator by operator. */
export class ProfileVersion {
  constructor(
    private readonly files: ModelFiles,
    private readonly blobs: Blobs,
  ) {}

  async execute(request: ParsedRequestOf<Contract>, signal: AbortSignal): Promise<ReplyOf<Contract>> {
    const { path } = await this.files.find(request, signal);
    const { batchSize: batch, length, runs } = request;
    const [sample = []] = await offThread({ kind: 'sample', path, sets: 1, batch, length }, signal);
    const { operators, trace } = await profileModel(path, sample, { runs, signal }).catch(
      (cause: unknown) => {
        throw DomainError.is(cause) && cause.code === 'model_not_available'
          ? cannotRun(request, cause)
          : cause;
      },
    );
    const stored = await this.blobs.put(trace, 'application/json', { ttlMs: TRACE_TTL_MS });
    return { operators: operators.map((operator) => ({ ...operator })), trace: stored };
  }
}

/** The file loads, since it is served: the sides that the caller chose are what does not suit it. */
function cannotRun({ model, batchSize, length }: ParsedRequestOf<Contract>, cause: DomainError): DomainError {
  return new DomainError(
    'invalid_request',
    `${model} does not run with batch_size ${batchSize} and length ${length}; choose others. ${cause.message.trim()}`,
    { param: 'length', cause },
  );
}
