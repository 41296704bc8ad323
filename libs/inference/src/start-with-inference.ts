import type { DynamicModule } from '@nestjs/common';
import type { InferenceService } from '@trivium/contracts/model-manifest';
import { type RunningService, type StartContext, startMicroservice } from '@trivium/platform';
import type { ProgramModel } from './engine/served-version.js';
import type { TryProgram } from './engine/try-load.js';
import type { InferenceConfig } from './inference.config.js';
import { type Inference, openInference } from './open-inference.js';

export interface InferenceServiceOptions {
  readonly service: InferenceService;
  /** What the service answers beside the calls about models; it may be made from what answers those. */
  readonly module: DynamicModule | ((inference: Inference) => DynamicModule);
  readonly programs?: ReadonlyMap<string, ProgramModel> | undefined;
  readonly tryProgram?: TryProgram | undefined;
  /** Folder of packs that come with the program; the repository's own unless told. */
  readonly bundled?: string | undefined;
}

/** Serves a module and the engine beside it. The engine ends last: what is drained still needs it. */
export async function startWithInference(
  context: StartContext<InferenceConfig>,
  { service, module, programs, tryProgram, bundled }: InferenceServiceOptions,
): Promise<RunningService> {
  await using opened = new AsyncDisposableStack();
  const { config, messaging } = context;
  const inference = opened.use(
    // @NOTE manifests name the variables that hold the keys of other servers
    await openInference({
      service,
      config,
      messaging,
      programs,
      tryProgram,
      bundled,
      environment: process.env,
    }),
  );
  const own = typeof module === 'function' ? module(inference) : module;
  const imports = [...(own.imports ?? []), inference.module];
  const running = await startMicroservice({ ...own, imports }, context);
  opened.use(running);
  const owned = opened.move();
  return {
    drain: async (timeoutMs) => running.drain?.(timeoutMs),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
