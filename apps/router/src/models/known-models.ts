import { DomainError } from '@trivium/contracts';
import type { ModelDescription } from '@trivium/contracts/model';
import { listTextModels } from '@trivium/contracts/text-inference';
import type { CallContext, Messaging } from '@trivium/messaging';

/** The assistant itself: whatever language model there is, and rules and rendering where there is none. */
export const ASSISTANT = 'trivium';

/** Longest that a turn waits to hear of the models; without the answer it goes on as with a large one. */
const LISTING_MS = 1_000;

export class KnownModels {
  constructor(private readonly messaging: Messaging) {}

  /**
   * The model, or undefined for the assistant itself. Refuses one that nobody has before any work is done for
   * it. `model@variant` is the model in that precision.
   */
  async require(model: string, context: CallContext): Promise<ModelDescription | undefined> {
    if (model === ASSISTANT) return undefined;
    const { models } = await this.messaging.call(listTextModels, {}, { context });
    const found =
      models.find(({ id }) => id === model) ??
      models.find(({ id, placement }) => placement !== 'remote' && id === withoutVariant(model));
    if (found !== undefined && found.task === 'generate') return found;
    if (found !== undefined) {
      throw new DomainError(
        'invalid_request',
        `The model '${model}' does not write: its task is ${found.task}.`,
        {
          param: 'model',
        },
      );
    }
    throw new DomainError('model_not_found', 'The requested model does not exist.', { param: 'model' });
  }

  /** What answers for the assistant; undefined when there is none, or nobody says. */
  async ofAssistant(context: CallContext): Promise<ModelDescription | undefined> {
    try {
      const deadline = Math.min(LISTING_MS, context.remaining());
      const { models } = await this.messaging.call(listTextModels, {}, { context, deadline });
      return models.find(({ task }) => task === 'generate');
    } catch (error) {
      // whoever is asked for the answer next says what is wrong
      if (DomainError.is(error)) return undefined;
      throw error;
    }
  }
}

function withoutVariant(model: string): string {
  return model.replace(/@[^@]*$/, '');
}
