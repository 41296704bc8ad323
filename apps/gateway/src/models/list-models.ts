import { DomainError } from '@trivium/contracts';
import type { ModelDescription } from '@trivium/contracts/model';
import { Variant } from '@trivium/contracts/model-manifest';
import { listTextModels } from '@trivium/contracts/text-inference';
import type { Messaging } from '@trivium/messaging';
import type { Exchange } from '../http/exchange.js';

const LISTING_DEADLINE_MS = 2_000;

/** The assistant itself: answers what it can by rules and rendering, whatever models there are. */
export const ASSISTANT: ModelDescription = {
  id: 'trivium',
  task: 'assistant',
  placement: 'rules',
  ownedBy: 'trivium',
  created: 1_763_683_200,
  ready: true,
  description:
    'The assistant itself: reading and rules, and the default language model of this server, which is the next one in this list that writes. The bundled models are small ones made for its own tasks.',
};

export class ListModels {
  constructor(private readonly messaging: Messaging) {}

  /** What can be asked at this moment; a service that does not answer has no models to offer. */
  async execute(exchange: Exchange): Promise<ModelDescription[]> {
    try {
      return [ASSISTANT, ...(await this.#textModels(exchange))];
    } catch (error) {
      if (DomainError.is(error) && error.code !== 'cancelled') return [ASSISTANT];
      throw error;
    }
  }

  /** One model; that it does not exist is said only by who would know. */
  async one(id: string, exchange: Exchange): Promise<ModelDescription> {
    if (id === ASSISTANT.id) return ASSISTANT;
    const models = await this.#textModels(exchange);
    const model = models.find((candidate) => candidate.id === id) ?? inVariant(models, id);
    if (model !== undefined) return model;
    throw new DomainError(
      'model_not_found',
      `The model '${id}' does not exist. GET /v1/models lists those that do.`,
      {
        param: 'model',
      },
    );
  }

  async #textModels(exchange: Exchange): Promise<ModelDescription[]> {
    const options = { context: exchange, deadline: LISTING_DEADLINE_MS };
    const { models } = await this.messaging.call(listTextModels, {}, options);
    return models.filter(({ id }) => id !== ASSISTANT.id);
  }
}

/** `model@int8` is asked for by that name; whether the model has the variant shows when it is used. */
function inVariant(models: readonly ModelDescription[], id: string): ModelDescription | undefined {
  const [base, variant] = id.split(/@(?=[^@]*$)/);
  if (!Variant.safeParse(variant).success) return undefined;
  const model = models.find((candidate) => candidate.id === base && candidate.placement !== 'remote');
  return model === undefined ? undefined : { ...model, id };
}
