import { DomainError, type CallContract, type ReplyOf, type RequestOf } from '@trivium/contracts';
import { type InferenceContracts, inferenceContracts, type ModelSummary } from '@trivium/contracts/inference';
import {
  INFERENCE_SERVICES,
  type InferenceService,
  type ModelManifest,
  serviceOf,
} from '@trivium/contracts/model-manifest';
import type { Messaging } from '@trivium/messaging';
import { snakeKey } from '../documents/snake-case.js';
import type { Exchange } from '../http/exchange.js';

/** A service that has nothing to say within this time is away. */
const ASKING_DEADLINE_MS = 3_000;

/** What every service that answered said, and who did not. */
export interface Answers<Reply> {
  readonly replies: readonly { readonly service: InferenceService; readonly reply: Reply }[];
  readonly away: readonly InferenceService[];
}

/** The three services that hold models: asks all of them, or the one that a model belongs to. */
export class ModelServices {
  constructor(private readonly messaging: Messaging) {}

  /** Faults in what the client sent are named as the client wrote it. */
  async call<C extends CallContract>(
    contract: C,
    request: RequestOf<C>,
    exchange: Exchange,
  ): Promise<ReplyOf<C>> {
    try {
      return await this.messaging.call(contract, request, exchange.callOptions);
    } catch (error) {
      throw asWritten(error);
    }
  }

  /** `unavailable` when none answers. */
  async askAll<C extends CallContract>(
    contractOf: (contracts: InferenceContracts) => C,
    request: RequestOf<C>,
    exchange: Exchange,
  ): Promise<Answers<ReplyOf<C>>> {
    const options = { context: exchange, deadline: ASKING_DEADLINE_MS };
    const asked = await Promise.allSettled(
      INFERENCE_SERVICES.map((service) =>
        this.messaging.call(contractOf(inferenceContracts[service]), request, options),
      ),
    );
    const replies: { service: InferenceService; reply: ReplyOf<C> }[] = [];
    const away: InferenceService[] = [];
    INFERENCE_SERVICES.forEach((service, index) => {
      const outcome = asked[index];
      if (outcome?.status === 'fulfilled') replies.push({ service, reply: outcome.value });
      else if (isAway(outcome?.reason)) away.push(service);
    });
    if (away.length === INFERENCE_SERVICES.length) throw awayError(away);
    return { replies, away };
  }

  /** Throws `model_not_found`, or `unavailable` when somebody who might have it does not answer. */
  async find(model: string, exchange: Exchange): Promise<ModelSummary> {
    const { replies, away } = await this.askAll((contracts) => contracts.listRepository, { model }, exchange);
    const found = replies.flatMap(({ reply }) => reply.models).find(({ id }) => id === model);
    if (found !== undefined) return found;
    if (away.length > 0) throw awayError(away);
    throw new DomainError('model_not_found', `There is no model '${model}'. GET /admin/models lists them.`, {
      param: 'model',
    });
  }

  async contractsFor(model: string, exchange: Exchange): Promise<InferenceContracts> {
    return inferenceContracts[(await this.find(model, exchange)).service];
  }

  /**
   * Where a manifest goes. One of a model that exists stays in its service: its versions are there.
   * Throws `conflict`.
   */
  async contractsForManifest(manifest: ModelManifest, exchange: Exchange): Promise<InferenceContracts> {
    const wanted = serviceOf(manifest);
    const existing = await this.find(manifest.id, exchange).catch((error: unknown) => {
      if (DomainError.is(error) && error.code === 'model_not_found') return undefined;
      throw error;
    });
    if (existing === undefined || existing.service === wanted) return inferenceContracts[wanted];
    throw new DomainError(
      'conflict',
      `'${manifest.id}' is a model of ${existing.service}; this manifest would move it to ${wanted}. Delete it first.`,
      { param: 'manifest.task', retryable: false },
    );
  }
}

/** Everything else that went wrong is an answer: whoever says that he does not have it is there. */
function isAway(reason: unknown): boolean {
  return !DomainError.is(reason) || !['model_not_found', 'not_found'].includes(reason.code);
}

function awayError(away: readonly string[]): DomainError {
  return new DomainError('unavailable', `Not answering at the moment: ${away.join(', ')}.`, {
    retryAfterMs: 1_000,
  });
}

function asWritten(error: unknown): unknown {
  if (!DomainError.is(error) || error.param === undefined || !/^[a-z]+[A-Z]/.test(error.param)) return error;
  const [field = '', ...rest] = error.param.split(/(?=[.[])/);
  const { code, message, retryable, retryAfterMs, details } = error;
  return new DomainError(code, message, {
    param: [snakeKey(field), ...rest].join(''),
    retryable,
    retryAfterMs,
    details,
    cause: error,
  });
}
