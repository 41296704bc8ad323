import { DomainError, type CallContract, type ReplyOf, type RequestOf } from '@trivium/contracts';
import { type InferenceContracts, inferenceContracts } from '@trivium/contracts/inference';
import { INFERENCE_SERVICES, type InferenceService } from '@trivium/contracts/model-manifest';
import type { Messaging } from '@trivium/messaging';
import type { Exchange } from '../http/exchange.js';
import { modelNotFound } from './model-name.js';

/** A place that is known is good for this long without another look. */
const FRESH_MS = 5_000;
/** Unknown names are looked for, but not more often than this, however many are asked for. */
const LOOK_AGAIN_MS = 250;
const LISTING_DEADLINE_MS = 3_000;

interface Listing {
  readonly at: number;
  readonly away: readonly InferenceService[];
}

/** Which of the services has a model. */
export class ModelDirectory {
  #places: ReadonlyMap<string, InferenceService> = new Map();
  #listing: Listing = { at: -Infinity, away: INFERENCE_SERVICES };
  #looking: Promise<void> | undefined;

  constructor(private readonly messaging: Messaging) {}

  /** Asks the service that has the model; once more where it has moved, for then nothing was done. */
  async call<C extends CallContract>(
    model: string,
    contractOf: (contracts: InferenceContracts) => C,
    request: RequestOf<C>,
    exchange: Exchange,
  ): Promise<ReplyOf<C>> {
    const first = await exchange.inTime(this.#contractsFor(model));
    try {
      return await this.messaging.call(contractOf(first), request, exchange.callOptions);
    } catch (error) {
      if (!DomainError.is(error) || error.code !== 'model_not_found') throw error;
      await exchange.inTime(this.#look());
      const second = this.#places.get(model);
      if (second === undefined || second === first.service) throw error;
      return this.messaging.call(contractOf(inferenceContracts[second]), request, exchange.callOptions);
    }
  }

  /** What every service that answers says; `away` names the others. Throws `unavailable` when none does. */
  async askAll<C extends CallContract>(
    contractOf: (contracts: InferenceContracts) => C,
    request: RequestOf<C>,
  ): Promise<{
    readonly replies: readonly (readonly [InferenceService, ReplyOf<C>])[];
    readonly away: readonly InferenceService[];
  }> {
    const asked = await Promise.allSettled(
      INFERENCE_SERVICES.map((service) =>
        this.messaging.call(contractOf(inferenceContracts[service]), request, {
          deadline: LISTING_DEADLINE_MS,
        }),
      ),
    );
    const replies: (readonly [InferenceService, ReplyOf<C>])[] = [];
    const away: InferenceService[] = [];
    INFERENCE_SERVICES.forEach((service, index) => {
      const outcome = asked[index];
      if (outcome?.status === 'fulfilled') replies.push([service, outcome.value]);
      else away.push(service);
    });
    if (replies.length === 0) throw awayError(away);
    return { replies, away };
  }

  /** Throws `model_not_found`, or `unavailable` while a service that might have the model does not answer. */
  async #contractsFor(model: string): Promise<InferenceContracts> {
    const known = this.#places.get(model);
    if (known !== undefined) {
      // What moves is found out beside the request; a call that finds the model gone looks itself.
      if (this.#age() > FRESH_MS) void this.#look();
      return inferenceContracts[known];
    }
    if (this.#age() > LOOK_AGAIN_MS) await this.#look();
    return this.#found(model);
  }

  #found(model: string): InferenceContracts {
    const place = this.#places.get(model);
    if (place !== undefined) return inferenceContracts[place];
    throw this.#listing.away.length > 0 ? awayError(this.#listing.away) : modelNotFound(model);
  }

  #age(): number {
    return performance.now() - this.#listing.at;
  }

  /** One look at a time; whoever asks meanwhile waits for it. */
  #look(): Promise<void> {
    this.#looking ??= this.#list().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #list(): Promise<void> {
    const { replies, away } = await this.askAll(({ listRepository }) => listRepository, {}).catch(
      (error: unknown) => {
        if (DomainError.is(error)) return { replies: [], away: INFERENCE_SERVICES };
        throw error;
      },
    );
    const found = replies.flatMap(([service, { models }]) => models.map(({ id }) => [id, service] as const));
    // Models of a service that is away stay its own: asked for, they are unavailable and not unknown.
    const kept = [...this.#places].filter(([, service]) => away.includes(service));
    this.#places = new Map([...kept, ...found]);
    this.#listing = { at: performance.now(), away };
  }
}

function awayError(away: readonly string[]): DomainError {
  return new DomainError('unavailable', `Not answering at the moment: ${away.join(', ')}.`, {
    retryAfterMs: 1_000,
  });
}
