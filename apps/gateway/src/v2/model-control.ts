import { DomainError } from '@trivium/contracts';
import type { ModelSummary } from '@trivium/contracts/inference';
import type {
  LoadParameters,
  ModelConfig,
  ModelMetadata,
  RepositoryIndex,
  StatisticsResponse,
  UnloadParameters,
} from '@trivium/contracts/open-inference';
import type { Exchange } from '../http/exchange.js';
import type { ModelDirectory } from './model-directory.js';
import {
  configOf,
  indexOf,
  isReady,
  metadataOf,
  type Named,
  statisticsOf,
  versionsOf,
} from './model-facts.js';
import { modelNotFound, readModelName, readVersion } from './model-name.js';

/** What is asked about models and done to them, the same over HTTP and gRPC. Names are as in the path: `bert@int8`. */
export class ModelControl {
  constructor(private readonly directory: ModelDirectory) {}

  async metadata(name: string, version: string | undefined, exchange: Exchange): Promise<ModelMetadata> {
    return metadataOf(await this.#summary(name, exchange), named(name, version));
  }

  async config(name: string, version: string | undefined, exchange: Exchange): Promise<ModelConfig> {
    const summary = await this.#summary(name, exchange);
    versionsOf(summary, named(name, version));
    return configOf(summary);
  }

  /** Whether an answer would need no load, of the variant when one is named. */
  async isReady(name: string, version: string | undefined, exchange: Exchange): Promise<boolean> {
    return isReady(await this.#summary(name, exchange), named(name, version));
  }

  /** Of the services that answer; those that are away have nothing to offer at the moment. */
  async index(onlyReady: boolean): Promise<RepositoryIndex> {
    const { replies } = await this.directory.askAll(({ listRepository }) => listRepository, {});
    return replies
      .flatMap(([, { models }]) => models)
      .toSorted((a, b) => a.id.localeCompare(b.id))
      .flatMap(indexOf)
      .filter(({ state }) => !onlyReady || state === 'READY');
  }

  /** Answers when the load is over. */
  async load(name: string, { version }: LoadParameters, exchange: Exchange): Promise<void> {
    const { model, variant } = readModelName(name);
    const request = { ...ofVersion(model, version), ...(variant !== undefined && { variant }), wait: true };
    await this.directory.call(model, ({ loadModel }) => loadModel, request, exchange);
  }

  /** Of a version whole: its variants go together. */
  async unload(name: string, { version }: UnloadParameters, exchange: Exchange): Promise<void> {
    const { model, variant } = readModelName(name);
    if (variant !== undefined) {
      throw new DomainError(
        'invalid_request',
        `A version is unloaded with all of its variants; say '${model}', not '${name}'.`,
        { param: 'model' },
      );
    }
    const request = ofVersion(model, version);
    await this.directory.call(model, ({ unloadModel }) => unloadModel, request, exchange);
  }

  /** Of one model or version, or of everything. */
  async statistics(
    name: string | undefined,
    version: string | undefined,
    exchange: Exchange,
  ): Promise<StatisticsResponse> {
    if (name === undefined) {
      const { replies } = await this.directory.askAll(({ getModelStatistics }) => getModelStatistics, {});
      return { model_stats: statisticsOf(replies.flatMap(([, { statistics }]) => statistics)) };
    }
    const { model } = readModelName(name);
    const asked = named(name, version);
    const number =
      asked.version === undefined
        ? undefined
        : versionsOf(await this.#summary(name, exchange), asked)[0]?.version;
    const { statistics } = await this.directory.call(
      model,
      ({ getModelStatistics }) => getModelStatistics,
      { model, ...(number !== undefined && { version: number }) },
      exchange,
    );
    return { model_stats: statisticsOf(statistics) };
  }

  async #summary(name: string, exchange: Exchange): Promise<ModelSummary> {
    const { model } = readModelName(name);
    const { models } = await this.directory.call(
      model,
      ({ listRepository }) => listRepository,
      { model },
      exchange,
    );
    const summary = models.find(({ id }) => id === model);
    if (summary === undefined) throw modelNotFound(model);
    return summary;
  }
}

function named(name: string, version: string | undefined): Named {
  return { version: readVersion(version), variant: readModelName(name).variant };
}

function ofVersion(model: string, text: string | undefined): { model: string; version?: string } {
  const version = readVersion(text);
  return { model, ...(version !== undefined && { version }) };
}
