import { DomainError } from '@trivium/contracts';
import type { Binary } from '@trivium/contracts/content';
import type { Blobs, CallContext } from '@trivium/messaging';
import type { Admission, Completed, RunOptions } from '@trivium/serving';
import { inSpan } from '@trivium/telemetry';
import type { FaceOperation, FaceRequestEvent } from '../events.js';
import type { FoundFaces } from '../face-finding/task.js';
import type { TemplateName } from '../face-finding/template.js';
import type { FaceFinder } from './face-finder.js';

/** A picture as a contract carries it. */
interface GivenPicture {
  readonly image: Binary;
  readonly path?: string | undefined;
}

/** One request about faces, admitted. */
export interface AdmittedRequest {
  readonly options: RunOptions;
  /** `field` names the picture in errors where the client's own path is not known. */
  find(picture: GivenPicture, field: string, chip?: TemplateName): Promise<Completed<FoundFaces>>;
}

export interface FaceRequestsOptions {
  readonly finder: FaceFinder;
  readonly blobs: Pick<Blobs, 'get'>;
  readonly admission: Admission;
  readonly maxImageBytes: number;
  readonly onRequest: (event: FaceRequestEvent) => void;
}

/** What every request about faces goes through: a permit, a span, one sample and one log line at its end. */
export class FaceRequests {
  constructor(private readonly options: FaceRequestsOptions) {}

  async serve<Reply>(
    operation: FaceOperation,
    context: CallContext,
    work: (request: AdmittedRequest) => Promise<Reply>,
  ): Promise<Reply> {
    const { finder, admission, onRequest } = this.options;
    const arrivedAt = performance.now();
    const report = (failure?: FaceRequestEvent['failure']): void => {
      const { modelId: model } = finder;
      const durationMs = performance.now() - arrivedAt;
      onRequest({ operation, model, requestId: context.requestId, durationMs, failure });
    };
    try {
      using _permit = admission.enter();
      const attributes = {
        'gen_ai.operation.name': operation,
        'gen_ai.provider.name': 'trivium',
        'gen_ai.request.model': finder.modelId,
      };
      const span = `${operation} ${finder.modelId}`;
      const request = this.#admitted(context, arrivedAt);
      // awaited, so that the permit is held
      const reply = await inSpan('trivium.vision-inference', span, { attributes }, () => work(request));
      report();
      return reply;
    } catch (error) {
      report(DomainError.is(error) ? error.code : 'internal');
      throw error;
    }
  }

  #admitted(context: CallContext, arrivedAt: number): AdmittedRequest {
    const { signal, priority, tenant } = context;
    const { finder, blobs, maxImageBytes: maxBytes } = this.options;
    const options: RunOptions = {
      signal,
      priority,
      tenant,
      arrivedAt,
      deadline: arrivedAt + context.remaining(),
    };
    return {
      options,
      find: async (picture, field, chip) => {
        const image = await blobs.get(picture.image, { maxBytes, signal });
        return finder.find({ image, path: picture.path ?? field, chip }, options);
      },
    };
  }
}
