import { runService } from '@trivium/platform';
import { speechConfig } from './speech-inference.config.js';
import { startSpeechInference } from './start.js';

await runService({ name: 'speech-inference', config: speechConfig, start: startSpeechInference });
