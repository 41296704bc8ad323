import { type Inference, type ProgramFiles, startWithInference } from '@trivium/inference';
import type { RunningService, StartContext } from '@trivium/platform';
import { loadModels } from './catalogue/load-models.js';
import { EncodingModule } from './encoding/encoding.module.js';
import { LocalDecoder } from './decoding/local-decoder.js';
import { LocalDecoders } from './decoding/local-decoders.js';
import type { TextInferenceConfig } from './text-inference.config.js';
import { TextInferenceModule } from './text-inference.module.js';

/** The service with the repository's language models, those that are to be there at once loaded. */
export async function startTextInference(
  context: StartContext<TextInferenceConfig>,
  environment: NodeJS.ProcessEnv,
): Promise<RunningService> {
  const { config, messaging } = context;
  const models = loadModels(config, environment);
  await using opened = new AsyncDisposableStack();
  const locals = opened.use(new LocalDecoders(config.MODELS_LOAD_WAIT_MS));
  const module = (inference: Inference) => {
    locals.bind(inference);
    const options = { locals, defaultModel: config.TEXT_DEFAULT_MODEL };
    return {
      ...TextInferenceModule.register(models, messaging, options),
      imports: [EncodingModule.register(inference)],
    };
  };
  const service = await startWithInference(context, {
    service: 'text-inference',
    module,
    programs: locals.programs,
    tryProgram,
  });
  opened.use(service);
  await locals.preload();
  const owned = opened.move();
  return {
    drain: async (timeoutMs) => service.drain?.(timeoutMs),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function tryProgram(program: ProgramFiles): Promise<void> {
  await using _decoder = await LocalDecoder.open(program, () => undefined);
}
