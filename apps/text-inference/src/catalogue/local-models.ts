import type { TextPlacementV1 } from './text-model.js';

/** A model of the repository whose task is `generate`, as it is at this moment. */
export interface LocalModel {
  readonly id: string;
  /** Some version of it can answer: now, or as soon as it is loaded. */
  readonly ready: boolean;
  readonly description: string;
  /** Tokens of prompt and answer together. */
  readonly contextWindow: number;
  readonly ownedBy: string;
  /** It came with the assistant, so that any other goes before it. */
  readonly bundled: boolean;
}

/** The language models that run in this process; they come and go with the repository. */
export interface LocalModels {
  list(): readonly LocalModel[];

  /**
   * Where `model` or `model@variant` runs. It may be asked for before the repository has the model: opening it
   * then fails with `model_not_found`, and works once the model is there. The same id gives the same placement;
   * disposing of it is allowed and needless, since it lives as long as these models do.
   */
  placement(id: string): TextPlacementV1;
}
