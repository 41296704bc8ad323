import type { OnApplicationShutdown } from '@nestjs/common';
import { DomainError } from '@trivium/contracts';
import type { ModelDescription } from '@trivium/contracts/model';
import { Variant } from '@trivium/contracts/model-manifest';
import type { LocalModel, LocalModels } from './local-models.js';
import type { TextModel, TextPlacementV1 } from './text-model.js';

const NO_MODEL =
  'No language model is available. Pull one with `trivium models pull smollm2-135m-instruct`, or set TEXT_UPSTREAM_URL and TEXT_UPSTREAM_MODEL (or list models in models/text.yaml) and start text-inference again.';

export interface CatalogueOptions {
  /** Models of the repository, looked at anew with every question. */
  readonly locals?: LocalModels;
  /** Id of the model for callers who name none; absent: the first configured, else the best local one. */
  readonly defaultModel?: string | undefined;
}

/** Every language model: those configured, in the order of the configuration, then those of the repository. */
export class ModelCatalogue implements OnApplicationShutdown {
  readonly #configured: ReadonlyMap<string, TextModel>;
  readonly #locals: LocalModels | undefined;
  readonly #defaultModel: string | undefined;

  constructor(
    models: readonly TextModel[],
    private readonly startedAt: number,
    { locals, defaultModel }: CatalogueOptions = {},
  ) {
    this.#configured = new Map(models.map((model) => [model.id, model]));
    this.#locals = locals;
    this.#defaultModel = defaultModel;
  }

  /** The model of that id (`model@variant` of the repository too), or the default one. */
  find(id: string | undefined): TextModel {
    if (id === undefined) return this.#default();
    const model = this.#lookUp(id);
    if (model !== undefined) return model;
    if (this.#all().length === 0) throw new DomainError('model_not_available', NO_MODEL);
    throw new DomainError('model_not_found', 'The requested language model does not exist.', {
      param: 'model',
    });
  }

  /** The default model first; a variant has an entry of its own only where it is the default. */
  list(): ModelDescription[] {
    const all = this.#all();
    const first = this.#lookUp(this.#defaultId(all) ?? '');
    const rest = all.filter(({ id }) => id !== first?.id);
    return [...(first ? [first] : []), ...rest].map((model) => this.#describe(model));
  }

  async onApplicationShutdown(): Promise<void> {
    const placements = Array.from(this.#configured.values()).flatMap((model) => model.placements);
    await Promise.all(placements.map((placement) => placement[Symbol.asyncDispose]()));
  }

  #default(): TextModel {
    const id = this.#defaultId(this.#all());
    if (id === undefined) throw new DomainError('model_not_available', NO_MODEL);
    const model = this.#lookUp(id);
    if (model !== undefined) return model;
    throw new DomainError(
      'model_not_available',
      `The default model ${id} (TEXT_DEFAULT_MODEL) is neither configured nor in the repository.`,
    );
  }

  #defaultId(all: readonly TextModel[]): string | undefined {
    if (this.#defaultModel !== undefined) return this.#defaultModel;
    const [configured] = this.#configured.keys();
    return configured ?? all[0]?.id;
  }

  #lookUp(id: string): TextModel | undefined {
    const configured = this.#configured.get(id);
    if (configured !== undefined) return configured;
    const [base, variant] = id.split(/@(?=[^@]*$)/);
    if (variant !== undefined && !Variant.safeParse(variant).success) return undefined;
    const local = this.#locals?.list().find((model) => model.id === base);
    return local && this.#localModel(local, id);
  }

  #all(): TextModel[] {
    const locals = (this.#locals?.list() ?? []).filter(({ id }) => !this.#configured.has(id));
    return [
      ...this.#configured.values(),
      ...locals.toSorted(betterFirst).map((model) => this.#localModel(model, model.id)),
    ];
  }

  #localModel({ ownedBy, description }: LocalModel, id: string): TextModel {
    const placements = this.#locals === undefined ? [] : [this.#locals.placement(id)];
    return { id, ownedBy, description, placement: 'cpu', placements };
  }

  #describe(model: TextModel): ModelDescription {
    const contextWindow = answeringPlacement(model)?.contextWindow;
    return {
      id: model.id,
      task: 'generate',
      placement: model.placement ?? 'remote',
      ownedBy: model.ownedBy,
      created: this.startedAt,
      ready: model.placements.some((placement) => placement.isReady()),
      ...(model.description ? { description: model.description } : {}),
      ...(contextWindow === undefined ? {} : { contextWindow }),
    };
  }
}

/** What can answer goes before what cannot, and what somebody chose before what came along. */
function betterFirst(one: LocalModel, other: LocalModel): number {
  return Number(other.ready) - Number(one.ready) || Number(one.bundled) - Number(other.bundled);
}

/** The one that is asked first as things are: prompts are made to fit it. */
function answeringPlacement({ placements }: TextModel): TextPlacementV1 | undefined {
  return placements.find((placement) => placement.isReady()) ?? placements[0];
}
