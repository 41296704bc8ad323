import { runService } from '@trivium/platform';
import { startVisionInference } from './start.js';
import { visionConfig } from './vision-inference.config.js';

await runService({ name: 'vision-inference', config: visionConfig, start: startVisionInference });
