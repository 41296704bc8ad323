import { Controller, Inject, type Type } from '@nestjs/common';
import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import type { InferenceContracts } from '@trivium/contracts/inference';
import { AnswersCall, type CallContext } from '@trivium/messaging';
import { Engine } from '../engine/engine.js';

/** What there is, what is loaded, what it did, and changes of all that. */
export function repositoryHandlerOf(contracts: InferenceContracts): Type {
  type C = typeof contracts;

  @Controller()
  class RepositoryHandler {
    constructor(@Inject(Engine) private readonly engine: Engine) {}

    @AnswersCall(contracts.listRepository)
    async list({ model }: ParsedRequestOf<C['listRepository']>): Promise<ReplyOf<C['listRepository']>> {
      return { models: this.engine.list(model) };
    }

    @AnswersCall(contracts.loadModel)
    async load(
      request: ParsedRequestOf<C['loadModel']>,
      { signal }: CallContext,
    ): Promise<ReplyOf<C['loadModel']>> {
      return { versions: await this.engine.load(request, signal) };
    }

    @AnswersCall(contracts.unloadModel)
    async unload(request: ParsedRequestOf<C['unloadModel']>): Promise<ReplyOf<C['unloadModel']>> {
      return { versions: await this.engine.unload(request) };
    }

    @AnswersCall(contracts.getModelStatistics)
    async statistics({
      model,
      version,
    }: ParsedRequestOf<C['getModelStatistics']>): Promise<ReplyOf<C['getModelStatistics']>> {
      return { statistics: this.engine.statistics(model, version) };
    }

    @AnswersCall(contracts.putModel)
    put({ manifest }: ParsedRequestOf<C['putModel']>): Promise<ReplyOf<C['putModel']>> {
      return this.engine.put(manifest);
    }

    @AnswersCall(contracts.updateModel)
    update(request: ParsedRequestOf<C['updateModel']>): Promise<ReplyOf<C['updateModel']>> {
      return this.engine.update(request);
    }

    @AnswersCall(contracts.removeModel)
    async remove({ model, version }: ParsedRequestOf<C['removeModel']>): Promise<ReplyOf<C['removeModel']>> {
      return { removed: await this.engine.remove(model, version) };
    }
  }
  return RepositoryHandler;
}
