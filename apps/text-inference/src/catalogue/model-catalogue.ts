import type { OnApplicationShutdown } from '@nestjs/common';
import { DomainError } from '@trivium/contracts';
import type { ModelDescription } from '@trivium/contracts/model';
import type { TextModel } from './text-model.js';

const NO_MODEL =
  'No language model is configured. Set TEXT_UPSTREAM_URL and TEXT_UPSTREAM_MODEL, or list models in models/text.yaml, and start text-inference again to add one.';

/** The configured models, in the order of the configuration; the first is the default. */
export class ModelCatalogue implements OnApplicationShutdown {
  readonly #models: ReadonlyMap<string, TextModel>;

  constructor(
    models: readonly TextModel[],
    private readonly startedAt: number,
  ) {
    this.#models = new Map(models.map((model) => [model.id, model]));
  }

  find(id: string | undefined): TextModel {
    const [first] = this.#models.values();
    if (first === undefined) throw new DomainError('model_not_available', NO_MODEL);
    const model = id === undefined ? first : this.#models.get(id);
    if (model === undefined) {
      throw new DomainError('model_not_found', 'The requested language model does not exist.', {
        param: 'model',
      });
    }
    return model;
  }

  list(): ModelDescription[] {
    return Array.from(this.#models.values(), (model) => ({
      id: model.id,
      task: 'generate',
      placement: 'remote',
      ownedBy: model.ownedBy,
      created: this.startedAt,
      ready: model.placements.some((placement) => placement.isReady()),
    }));
  }

  async onApplicationShutdown(): Promise<void> {
    const placements = Array.from(this.#models.values()).flatMap((model) => model.placements);
    await Promise.all(placements.map((placement) => placement[Symbol.asyncDispose]()));
  }
}
