import { runService } from '@trivium/platform';
import { startTextInference } from './start.js';
import { textInferenceConfig } from './text-inference.config.js';

await runService({
  name: 'text-inference',
  config: textInferenceConfig,
  // @NOTE the models file names the variables that hold its keys, so it is read against the environment
  start: (context) => startTextInference(context, process.env),
});
