import { DomainError } from '@trivium/contracts';
import { listTextModels } from '@trivium/contracts/text-inference';
import type { CallContext, Messaging } from '@trivium/messaging';

/** The assistant itself: whatever language model there is, and rules and rendering where there is none. */
export const ASSISTANT = 'trivium';

export class KnownModels {
  constructor(private readonly messaging: Messaging) {}

  /** Refuses a model that nobody has before any work is done for it. */
  async require(model: string, context: CallContext): Promise<void> {
    if (model === ASSISTANT) return;
    const { models } = await this.messaging.call(listTextModels, {}, { context });
    if (models.some(({ id }) => id === model)) return;
    throw new DomainError('model_not_found', 'The requested model does not exist.', { param: 'model' });
  }
}
