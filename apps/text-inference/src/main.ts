import { startWithInference } from '@trivium/inference';
import { runService } from '@trivium/platform';
import { loadModels } from './catalogue/load-models.js';
import { EncodingModule } from './encoding/encoding.module.js';
import { textInferenceConfig } from './text-inference.config.js';
import { TextInferenceModule } from './text-inference.module.js';

await runService({
  name: 'text-inference',
  config: textInferenceConfig,
  start: async (context) => {
    // @NOTE the models file names the variables that hold its keys, so it is read against the environment
    const models = loadModels(context.config, process.env);
    return startWithInference(context, {
      service: 'text-inference',
      module: (inference) => ({
        ...TextInferenceModule.register(models, context.messaging),
        imports: [EncodingModule.register(inference)],
      }),
    });
  },
});
